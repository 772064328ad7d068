import { expect, test } from "vitest";
import type { Actor } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { openLab } from "./lab-fixture.js";

const keyOf = (labId: string, verb: "read" | "write" = "write"): Actor => ({
  kind: "key",
  id: `key-${labId}`,
  name: "key ci",
  grants: [{ labId, noun: "experiments", verb }],
  plan: null,
  expiresAt: null,
});

async function twoLabs() {
  const lab = await openLab();
  const other = await lab.labs.create({ name: "Other", slug: "other" });
  const ours = await lab.create({ title: "ours" });
  const theirs = await lab.create({ labId: other._id, title: "theirs" });
  const as = <T>(labId: string, work: () => Promise<T>, verb: "read" | "write" = "write") =>
    ask({ actor: keyOf(labId, verb), need: `experiments:${verb}` }, new Set(), work);
  return { ...lab, other, ours, theirs, as };
}

test("a display id is that of the caller's own lab, although every lab has one like it", async () => {
  const { experiments, labId, other, ours, theirs, as } = await twoLabs();
  expect(ours.experimentId).toBe(theirs.experimentId);
  expect(await as(labId, () => experiments.get("EXP-001"))).toMatchObject({ title: "ours" });
  expect(await as(other._id, () => experiments.get("EXP-001"))).toMatchObject({ title: "theirs" });
  expect(await as(labId, () => experiments.patch("EXP-001", { title: "renamed" }))).toMatchObject({ _id: ours._id });
});

test("what belongs to another lab is not there, read from the cache or not", async () => {
  const { experiments, queues, batches, checkpoints, labId, other, theirs, as } = await twoLabs();
  await queues.create({ labId: other._id, name: "nightly" });
  const batch = await batches.create({
    labId: other._id,
    title: "Sweep",
    config: { command: "true" },
    grid: { seed: [1] },
  });
  await experiments.get(theirs._id);
  const asked: readonly (() => Promise<unknown>)[] = [
    () => experiments.get(theirs._id),
    () => experiments.patch(theirs._id, { title: "mine" }),
    () => experiments.cancel(theirs._id),
    () => experiments.restart(theirs._id),
    () => experiments.remove(theirs._id),
    () => experiments.copy(theirs._id),
    () => experiments.statuses(theirs._id),
    () => experiments.attempts(theirs._id),
    () => experiments.children(theirs._id, { limit: 20 }),
    () => checkpoints.list(theirs._id),
    () => checkpoints.resume(theirs._id),
    () => queues.get("nightly"),
    () => queues.get(`default:${other._id}`),
    () => queues.list(other._id),
    () => queues.patch("nightly", { status: "paused" }),
    () => queues.remove("nightly"),
    () => batches.get(batch._id),
    () => batches.cancel(batch._id),
    () => batches.remove(batch._id, "delete"),
    () => experiments.create({ labId: other._id, title: "x", config: { command: "true" } }),
  ];
  for (const call of asked) await expect(as(labId, call), String(call)).rejects.toMatchObject({ code: "not_found" });
  expect(await experiments.get(theirs._id)).toMatchObject({ title: "theirs", status: "queued" });
});

test("dependencies, parents, queues and cursors of another lab are unknown", async () => {
  const { experiments, queues, create, labId, other, theirs } = await twoLabs();
  const { _id: foreignQueue } = await queues.create({ labId: other._id, name: "nightly" });
  const refused = { code: "validation_error" };
  await expect(create({ dependsOn: [theirs._id] })).rejects.toMatchObject(refused);
  await expect(create({ parent: theirs._id })).rejects.toMatchObject(refused);
  await expect(create({ queue: foreignQueue })).rejects.toMatchObject(refused);
  await expect(experiments.list({ labId, limit: 20, cursor: theirs._id })).rejects.toMatchObject(refused);
});
