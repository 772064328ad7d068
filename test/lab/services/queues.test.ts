import { expect, test } from "vitest";
import { Queue } from "../../../src/contract/queue.js";
import { openLab, outcome } from "./lab-fixture.js";

test("`default` is always there; others come behind it, are moved, renamed, paused", async () => {
  const { queues, labId } = await openLab();
  const names = async () => (await queues.list(labId)).map(({ name, place }) => `${place} ${name}`);
  expect(await names()).toEqual(["0 default"]);
  const nightly = Queue.parse(await queues.create({ labId, name: "nightly", concurrency: 2 }));
  expect(nightly).toMatchObject({ name: "nightly", status: "running", concurrency: 2, place: 1, experiments: [] });
  await queues.create({ labId, name: "urgent", place: 0 });
  expect(await names()).toEqual(["0 urgent", "1 default", "2 nightly"]);
  await queues.patch("default", { place: 0, status: "paused" });
  expect(await names()).toEqual(["0 default", "1 urgent", "2 nightly"]);
  expect(await queues.get(`default:${labId}`)).toMatchObject({ status: "paused", _id: `default:${labId}` });
  expect(await queues.patch(nightly._id, { name: "weekly", concurrency: null })).toMatchObject({
    name: "weekly",
    concurrency: null,
  });
  await expect(queues.create({ labId, name: "weekly" })).rejects.toMatchObject({ code: "conflict" });
  await expect(queues.patch("weekly", { name: "urgent" })).rejects.toThrow("name: urgent is taken");
  await expect(queues.patch("default", { name: "main" })).rejects.toThrow("name: default keeps its name");
  await expect(queues.get("nightly")).rejects.toMatchObject({ code: "not_found" });
  await expect(queues.create({ labId, name: "Nightly runs" })).rejects.toMatchObject({ code: "validation_error" });
});

test("a queue says what is in it, in order, and is complete when everything has ended", async () => {
  const { queues, experiments, create, labId } = await openLab();
  await queues.create({ labId, name: "nightly" });
  const a = await create({ queue: "nightly", estimatedSeconds: 1800 });
  const b = await create({ queue: "nightly", priority: "high", estimatedSeconds: 1800 });
  const c = await create({ queue: "nightly" });
  expect(a).toMatchObject({ queue: "nightly", queueId: (await queues.get("nightly"))._id });
  await experiments.claim(c._id, "pod");
  expect(await queues.get("nightly")).toMatchObject({
    experiments: [c._id, b._id, a._id],
    experimentCount: 3,
    currentIdx: 0,
    counts: { queued: 2, running: 1, pass: 0 },
    totalEstimatedHours: 1,
    totalEstimatedCostUsd: null,
    status: "running",
  });
  await experiments.settle(c._id, 1, outcome("pass"));
  expect(await queues.get("nightly")).toMatchObject({ experiments: [c._id, b._id, a._id], currentIdx: 1 });
  await experiments.cancel(a._id);
  await experiments.patch(b._id, { queue: null });
  expect(await queues.get("nightly")).toMatchObject({
    status: "complete",
    counts: { queued: 0, pass: 1, fail: 1 },
    experimentCount: 2,
    currentIdx: 2,
  });
  expect(await queues.get("default")).toMatchObject({ counts: { queued: 1 }, experiments: [b._id] });
  await experiments.remove(a._id);
  expect(await queues.get("nightly")).toMatchObject({ counts: { pass: 1, fail: 0 } });
});

test("an unknown queue is refused with those there are; a deleted one leaves what waits in `default`", async () => {
  const { queues, experiments, create, labId } = await openLab();
  await expect(create({ queue: "weekly" })).rejects.toMatchObject({
    code: "validation_error",
    message: "queue: no queue weekly; this lab has default",
  });
  await queues.create({ labId, name: "nightly" });
  const [waits, ended] = [await create({ queue: "nightly" }), await create({ queue: "nightly" })];
  await experiments.cancel(ended._id);
  await queues.remove("nightly");
  for (const { _id } of [waits, ended]) {
    expect(await experiments.get(_id)).toMatchObject({ queue: "default", queueId: null });
  }
  expect(await queues.get("default")).toMatchObject({ counts: { queued: 1, fail: 1 } });
  await experiments.restart(ended._id);
  expect(await queues.get("default")).toMatchObject({ counts: { queued: 2, fail: 0 } });
  await expect(queues.remove("default")).rejects.toMatchObject({ code: "conflict" });
});

test("whoever has read an experiment sees the new name of its queue", async () => {
  const { queues, experiments, create, labId } = await openLab();
  await queues.create({ labId, name: "nightly" });
  const { _id } = await create({ queue: "nightly" });
  expect((await experiments.get(_id)).queue).toBe("nightly");
  await queues.patch("nightly", { name: "weekly" });
  expect((await experiments.get(_id)).queue).toBe("weekly");
});
