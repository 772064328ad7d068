import { expect, test } from "vitest";
import { BatchDetail } from "../../../src/contract/batch.js";
import { openLab, outcome } from "./lab-fixture.js";

const sweep = async () => {
  const lab = await openLab();
  const batch = await lab.batches.create({
    labId: lab.labId,
    title: "Sweep",
    grid: { "config.seed": [1, 2], "model.depth": ["a", "b", "c"] },
    config: { command: "true", model: { width: 3 } },
    priority: "high",
  });
  return { ...lab, batch };
};

test("a batch is every combination of the grid, each with its values in config and title", async () => {
  const { batch, experiments } = await sweep();
  expect(BatchDetail.parse(batch)).toEqual(batch);
  expect(batch).toMatchObject({ experimentCount: 6, counts: { queued: 6 }, progress: 0, createdBy: "lab" });
  expect(batch.rows.map(({ values }) => Object.values(values))).toEqual([
    [1, "a"],
    [1, "b"],
    [1, "c"],
    [2, "a"],
    [2, "b"],
    [2, "c"],
  ]);
  const last = await experiments.get(batch.rows[5]?.experimentId ?? "");
  expect(last).toMatchObject({ title: "Sweep seed=2 depth=c", priority: "high", batchId: batch._id });
  expect(JSON.parse(last.config)).toEqual({ command: "true", seed: 2, model: { width: 3, depth: "c" } });
});

test("it tells how far it is, and which experiments have the least and the greatest of each metric", async () => {
  const { batch, batches, experiments } = await sweep();
  for (const [index, loss] of [0.3, 0.1, 0.2].entries()) {
    const id = batch.rows[index]?._id ?? "";
    await experiments.claim(id, "pod");
    await experiments.settle(id, 1, outcome(index === 2 ? "fail" : "pass", { metrics: { loss } }));
  }
  const now = await batches.get(batch._id);
  expect(now).toMatchObject({ progress: 0.5, counts: { pass: 2, fail: 1, queued: 3 } });
  expect(now.best).toEqual({
    loss: { min: { experimentId: "EXP-002", value: 0.1 }, max: { experimentId: "EXP-001", value: 0.3 } },
  });
  expect(now.rows[1]).toMatchObject({ status: "pass", metrics: { loss: 0.1 } });
});

test("cancelling ends what has not ended; deleting keeps the experiments unless they are to go", async () => {
  const { batch, batches, experiments, labId } = await sweep();
  await experiments.claim(batch.rows[0]?._id ?? "", "pod");
  expect(await batches.cancel(batch._id)).toEqual({ id: batch._id, cancelled: 6 });
  expect(await experiments.get("EXP-001")).toMatchObject({ status: "running", cancelRequested: true });
  expect((await batches.get(batch._id)).counts).toMatchObject({ fail: 5, running: 1 });
  await expect(batches.remove(batch._id, "delete")).rejects.toThrow("1 experiments of Sweep are running");
  await batches.remove(batch._id, "keep");
  expect(await experiments.get("EXP-002")).toMatchObject({ batchId: null });
  await expect(batches.get(batch._id)).rejects.toMatchObject({ code: "not_found" });
  expect((await batches.list({ labId, limit: 20 })).rows).toEqual([]);
});

test("what is too large, or could never run, makes nothing at all", async () => {
  const { batches, labId, experiments } = await openLab();
  const many = Array.from({ length: 40 }, (_, index) => index);
  const draft = { labId, title: "Sweep", config: { command: "true" } };
  await expect(batches.create({ ...draft, grid: { a: many, b: many } })).rejects.toMatchObject({
    code: "validation_error",
    message: "grid: makes 1600 experiments; a batch has at most 1000",
  });
  await expect(batches.create({ ...draft, grid: { slots: [1, -1] } })).rejects.toThrow("config.slots");
  await expect(batches.create({ ...draft, grid: { "command.x": [1] } })).rejects.toThrow(
    "grid.command.x: config.command is no object, it has no x",
  );
  await expect(batches.create({ ...draft, grid: {} })).rejects.toThrow("grid: names at least one path");
  expect((await experiments.list({ labId, limit: 20 })).rows).toEqual([]);
});

test("pages go on where they ended", async () => {
  const { batches, labId } = await openLab();
  for (let n = 0; n < 3; n++) {
    await batches.create({ labId, title: `batch ${n}`, config: { command: "true" }, grid: { seed: [n] }, draft: true });
  }
  const first = await batches.list({ labId, limit: 2 });
  expect(first.rows.map(({ title }) => title)).toEqual(["batch 2", "batch 1"]);
  const second = await batches.list({ labId, limit: 2, cursor: first.nextCursor ?? "" });
  expect(second).toMatchObject({
    hasMore: false,
    nextCursor: null,
    rows: [{ title: "batch 0", counts: { draft: 1 } }],
  });
  await expect(batches.list({ labId, limit: 2, cursor: "nothing" })).rejects.toMatchObject({
    code: "validation_error",
  });
});

test("a thousand at once have ids in their order, past those that are taken, and each its history, its event and its dependency", async () => {
  const { batches, create, labId, labs, queues, store, experiments } = await openLab();
  await create({ experimentId: "EXP-500" });
  await create();
  await store.change(({ tx }) =>
    tx.updateTable("meta").set({ value: "2" }).where("key", "like", "lastDisplayNumber:%").execute(),
  );
  const seeds = Array.from({ length: 1000 }, (_, index) => index);
  const before = process.cpuUsage();
  const { rows, counts } = await batches.create({
    labId,
    title: "Large",
    grid: { seed: seeds },
    config: { command: "true" },
    dependsOn: ["EXP-501"],
  });
  const { user, system } = process.cpuUsage(before);
  expect(rows.map(({ experimentId }) => Number(experimentId.slice(4)))).toEqual(
    Array.from({ length: 1002 }, (_, index) => 3 + index).filter((number) => number !== 500 && number !== 501),
  );
  expect(rows.map(({ values }) => values)).toEqual(seeds.map((seed) => ({ seed })));
  expect(counts).toMatchObject({ blocked: 1000 });
  expect((await queues.get("default", labId)).counts).toMatchObject({ blocked: 1000, queued: 2 });
  expect((await labs.get(labId)).experimentCount).toBe(1002);
  const last = rows.at(-1)?._id ?? "";
  expect(await experiments.statuses(last)).toMatchObject([
    { from: null, status: "blocked", reason: "of the batch Large" },
  ]);
  expect((await experiments.get(last)).statusReason).toBe("waits for EXP-501");
  const count = async (table: "dependencies" | "experiment_statuses") =>
    (
      await store.db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as("rows"))
        .executeTakeFirst()
    )?.rows;
  expect([await count("dependencies"), await count("experiment_statuses")]).toEqual([1000, 1002]);
  const told = await store.db.selectFrom("events").select("topic").where("ref", "=", last).orderBy("seq").execute();
  expect(told.map(({ topic }) => topic)).toEqual(["experiment.created", "experiment.blocked"]);
  // One by one it took three times as long.
  expect((user + system) / 1e6).toBeLessThan(0.7);
});
