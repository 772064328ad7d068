import { expect, test } from "vitest";
import { owner } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { openLab, outcome } from "./lab-fixture.js";

const told = (changes: readonly { from: unknown; status: unknown; reason: unknown }[]) =>
  changes.map(({ from, status, reason }) => `${String(from)} → ${String(status)}: ${String(reason)}`);

test("every change of status is kept: who, when, why, and what was said to it", async () => {
  const { experiments, create, clock } = await openLab();
  const { _id } = await create();
  clock.at = 2_000_000;
  const asOwner = <T>(work: () => Promise<T>) => ask({ actor: owner, need: "experiments:write" }, new Set(), work);
  await asOwner(() => experiments.patch(_id, { status: "blocked", message: "wait for the covariance" }));
  await asOwner(() => experiments.move(_id, { status: "queued" }));
  await experiments.claim(_id, "pod", "auto-schedule");
  await experiments.settle(_id, 1, outcome("fail"));
  const changes = await experiments.statuses(_id);
  expect(told(changes)).toEqual([
    "null → queued: null",
    "queued → blocked: blocked by hand",
    "blocked → queued: unblocked by hand",
    "queued → running: auto-schedule",
    "running → fail: exit code 1",
  ]);
  expect(changes[0]).toMatchObject({ actor: "lab", at: 1_000_000, attempt: 0 });
  expect(changes[1]).toMatchObject({ actor: "owner", at: 2_000_000, message: "wait for the covariance" });
  expect(changes[4]).toMatchObject({ actor: "lab", attempt: 1, message: null });
});

test("a run that was given back and one that was restarted are attempts of their own", async () => {
  const { experiments, create, clock, store } = await openLab();
  const { _id } = await create();
  await experiments.claim(_id, "far");
  await experiments.hold(_id, "queued", "far can't be reached");
  clock.at = 2_000_000;
  await experiments.claim(_id, "near");
  const run = { experiment_id: _id, attempt: 2, dir: "/nowhere", state: "running", pod_id: "near" } as const;
  await store.db
    .insertInto("runs")
    .values({ ...run, off: 0, seq: 4, started_at: 2_000_000 })
    .execute();
  clock.at = 2_030_000;
  const qc = { verdict: "fail" as const, checks: [{ name: "rminus1", ok: false, reason: "0.2 > 0.01" }], score: 40 };
  await experiments.settle(_id, 2, outcome("fail", { qc, exitCode: 0, metrics: { rminus1: 0.2 } }));
  await experiments.restart(_id);
  expect(await experiments.get(_id)).toMatchObject({ status: "queued", qc: null, result: null });
  const [second, first] = await experiments.attempts(_id);
  expect(second).toMatchObject({ attempt: 2, status: "fail", actualSeconds: 30, result: "exit code 1", podId: "near" });
  expect(second).toMatchObject({ qc: { verdict: "fail", score: 40 }, metrics: { rminus1: 0.2 } });
  expect(first).toMatchObject({ attempt: 1, status: "queued", result: "far can't be reached" });
});

test("a draft never starts, may be changed in everything, and is queued by hand", async () => {
  const { experiments, create } = await openLab();
  await create();
  const draft = await create({ draft: true, dependsOn: ["EXP-001"] });
  expect(draft).toMatchObject({ status: "draft", statusReason: null });
  expect(await experiments.claim(draft._id, "pod")).toBeUndefined();
  const changed = await experiments.patch(draft._id, {
    config: { command: "false", dependsOn: ["EXP-001"] },
    computeMode: "H100",
    estimatedSeconds: 5,
  });
  expect(changed).toMatchObject({ computeMode: "H100", estimatedSeconds: 5, status: "draft" });
  expect(await experiments.patch(draft._id, { status: "queued" })).toMatchObject({
    status: "blocked",
    statusReason: "waits for EXP-001",
  });
  expect(told(await experiments.statuses(draft._id))).toEqual([
    "null → draft: null",
    "draft → queued: queued",
    "queued → blocked: waits for EXP-001",
  ]);
});

test("what decides how it runs is settled once it has started; its title and priority are not", async () => {
  const { experiments, create } = await openLab();
  const { _id } = await create();
  await experiments.claim(_id, "pod");
  await expect(experiments.patch(_id, { config: { command: "x" } })).rejects.toMatchObject({
    code: "conflict",
    message:
      "config: EXP-001 is running, and config can't be changed any more; cancel it first, or copy it with the change",
  });
  await experiments.settle(_id, 1, outcome("pass"));
  await expect(experiments.patch(_id, { queue: null })).rejects.toMatchObject({ code: "conflict" });
  expect(await experiments.patch(_id, { title: "new", priority: "low" })).toMatchObject({ title: "new" });
});

test.each([
  ["pass", { status: "queued" }, "status: EXP-001 can't go from pass to queued: pass is final"],
  [
    "queued",
    { status: "pass" },
    "status: EXP-001 can't go from queued to pass: from queued it may become blocked or fail",
  ],
  ["queued", { message: "why" }, "message: is kept with a change of status; name the status as well"],
] as const)("of a %s one, %j is refused with what is possible", async (status, changes, message) => {
  const { experiments, create } = await openLab();
  const { _id } = await create();
  if (status === "pass") {
    await experiments.claim(_id, "pod");
    await experiments.settle(_id, 1, outcome("pass"));
  }
  await expect(experiments.patch(_id, changes)).rejects.toMatchObject({ code: "validation_error", message });
});

test("dependencies may be changed while it waits; a circle is refused and named", async () => {
  const { experiments, create } = await openLab();
  const [a, b, c] = [
    await create(),
    await create({ dependsOn: ["EXP-001"] }),
    await create({ dependsOn: ["EXP-002"] }),
  ];
  await expect(experiments.patch(a._id, { dependsOn: ["EXP-003"] })).rejects.toMatchObject({
    code: "validation_error",
    message: "config.dependsOn: a circle: EXP-001 → EXP-003 → EXP-002 → EXP-001",
  });
  await expect(experiments.patch(a._id, { dependsOn: ["exp-001"] })).rejects.toThrow("it can't wait for itself");
  await expect(experiments.patch(a._id, { dependsOn: ["EXP-404"] })).rejects.toThrow("EXP-404 does not exist");
  expect(await experiments.patch(c._id, { dependsOn: [] })).toMatchObject({ status: "queued", statusReason: null });
  expect(await experiments.patch(a._id, { dependsOn: ["EXP-003"] })).toMatchObject({
    statusReason: "waits for EXP-003",
  });
  expect(await experiments.get(b._id)).toMatchObject({ status: "blocked" });
});

test("a child waits for its parent and is listed with it; a copy keeps parent and queue", async () => {
  const { experiments, queues, create, labId } = await openLab();
  await queues.create({ labId, name: "nightly" });
  const parent = await create();
  const child = await create({ parent: parent.experimentId, queue: "nightly" });
  expect(child).toMatchObject({ status: "blocked", statusReason: "waits for EXP-001", parentId: parent._id });
  await experiments.claim(parent._id, "pod");
  await experiments.settle(parent._id, 1, outcome("pass"));
  expect(await experiments.get(child._id)).toMatchObject({ status: "queued" });
  const copy = await experiments.copy(child._id, { title: "again", config: { seed: 2 }, draft: true });
  expect(copy).toMatchObject({ title: "again", status: "draft", parentId: parent._id, queue: "nightly" });
  expect(JSON.parse(copy.config)).toEqual({ command: "true", seed: 2 });
  const { rows } = await experiments.children(parent._id, { limit: 20 });
  expect(rows.map(({ experimentId }) => experimentId)).toEqual(["EXP-003", "EXP-002"]);
  await expect(create({ parent: "EXP-404" })).rejects.toThrow("parent: experiment EXP-404 does not exist");
});
