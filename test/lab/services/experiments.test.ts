import { expect, test } from "vitest";
import { Experiment } from "../../../src/contract/experiment.js";
import { createProjects } from "../../../src/lab/services/projects.js";
import { openLab, outcome } from "./lab-fixture.js";

test("a new experiment is queued under the next free number, and tells of it", async () => {
  const { create, events, experiments, labId } = await openLab();
  const first = await create({ title: "  Planck chain ", config: { command: "true", batch_size: 1 } });
  expect(Experiment.parse(first)).toEqual(first);
  expect(first).toMatchObject({
    experimentId: "EXP-001",
    title: "Planck chain",
    labId,
    status: "queued",
    priority: "normal",
    computeMode: "CPU",
    config: '{"command":"true","batch_size":1}',
    attempt: 0,
    createdAt: 1_000_000,
  });
  expect(first._id).toMatch(/^[a-hj-np-tv-z][a-z0-9]{31}$/);
  expect(await experiments.get("EXP-001")).toEqual(first);
  expect(await experiments.get("exp-001")).toEqual(first);
  expect(await experiments.get(first._id)).toEqual(first);
  expect(await events()).toEqual(["lab.created undefined", "experiment.created EXP-001"]);
});

test("numbers go on after an own id, skip taken ones and are not given out twice", async () => {
  const { create, experiments } = await openLab();
  await create({ experimentId: "EXP-054" });
  await create({ experimentId: "planck-7" });
  expect((await create()).experimentId).toBe("EXP-055");
  await experiments.remove("EXP-055");
  expect((await create()).experimentId).toBe("EXP-056");
  await expect(create({ experimentId: "EXP-054" })).rejects.toMatchObject({ code: "conflict" });
});

test("twenty creations at once get twenty numbers", async () => {
  const { create } = await openLab();
  const made = await Promise.all(Array.from({ length: 20 }, () => create()));
  expect(new Set(made.map(({ experimentId }) => experimentId)).size).toBe(20);
});

test.each([
  [{ title: " " }, /^title: /],
  [{ config: {} }, /^config: nothing to run; write \{"script"/],
  [{ config: { script: 3 } }, /^config\.script: /],
  [{ config: { command: "true", args: "x" } }, /^config\.args: /],
  [{ template: "mcmcc", config: {} }, /^template: no template "mcmcc".*Did you mean "mcmc"\?/],
  [{ config: { command: "true", dependsOn: ["EXP-999"] } }, /^config\.dependsOn: experiment EXP-999 does not exist/],
  [{ priority: "urgent" }, /^priority: /],
])("refuses %j and says why", async (draft, message) => {
  const { create, events } = await openLab();
  const refused = await create(draft as never).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "validation_error", status: 422 });
  expect((refused as Error).message).toMatch(message);
  expect(await events()).toEqual(["lab.created undefined"]);
});

test("an unknown lab and an unknown experiment are not found", async () => {
  const { create, experiments } = await openLab();
  await expect(create({ labId: "nowhere" })).rejects.toMatchObject({ code: "not_found" });
  await expect(experiments.get("EXP-999")).rejects.toMatchObject({
    code: "not_found",
    message: "Experiment EXP-999 does not exist.",
  });
});

test("a dependant waits, and is queued when the last dependency passes", async () => {
  const { create, experiments, events } = await openLab();
  const [a, b] = [await create(), await create()];
  const c = await create({ config: { command: "true", dependsOn: ["EXP-001", b._id] } });
  expect(c).toMatchObject({ status: "blocked", statusReason: "waits for EXP-001, EXP-002" });
  await experiments.claim(a._id, "pod");
  await experiments.settle(a._id, 1, outcome("pass"));
  expect(await experiments.get(c._id)).toMatchObject({ status: "blocked", statusReason: "waits for EXP-002" });
  await experiments.claim(b._id, "pod");
  await experiments.settle(b._id, 1, outcome("pass"));
  expect(await experiments.get(c._id)).toMatchObject({ status: "queued", statusReason: null });
  expect((await events()).slice(-2)).toEqual(["experiment.completed EXP-002", "experiment.queued EXP-003"]);
});

test("a failed dependency keeps its dependants blocked until it is tried again or they are unblocked", async () => {
  const { create, experiments } = await openLab();
  const a = await create();
  const b = await create({ config: { command: "true", dependsOn: ["EXP-001"] } });
  const c = await create({ config: { command: "true", dependsOn: ["EXP-001"] } });
  await experiments.claim(a._id, "pod");
  await experiments.settle(a._id, 1, outcome("fail"));
  expect(await experiments.get(b._id)).toMatchObject({ status: "blocked", statusReason: "EXP-001 failed" });
  expect(await experiments.patch(c._id, { status: "queued" })).toMatchObject({ status: "queued", statusReason: null });
  await experiments.restart(a._id);
  expect(await experiments.get(b._id)).toMatchObject({ status: "blocked", statusReason: "waits for EXP-001" });
  await experiments.claim(a._id, "pod");
  await experiments.settle(a._id, 2, outcome("pass"));
  expect(await experiments.get(b._id)).toMatchObject({ status: "queued" });
});

test("a deleted dependency is named as the reason", async () => {
  const { create, experiments } = await openLab();
  await create();
  const b = await create({ config: { command: "true", dependsOn: ["EXP-001"] } });
  await experiments.remove("EXP-001");
  expect(await experiments.get(b._id)).toMatchObject({ status: "blocked", statusReason: "a dependency was deleted" });
});

test("an experiment blocked by hand is not queued by a passing dependency", async () => {
  const { create, experiments } = await openLab();
  const a = await create();
  const b = await create({ config: { command: "true", dependsOn: ["EXP-001"] } });
  await experiments.patch(b._id, { status: "queued" });
  await experiments.patch(b._id, { status: "blocked" });
  await experiments.claim(a._id, "pod");
  await experiments.settle(a._id, 1, outcome("pass"));
  expect(await experiments.get(b._id)).toMatchObject({ status: "blocked", statusReason: "blocked by hand" });
});

test("what passed is waited for no more: deleting it does not touch one blocked by hand since", async () => {
  const { create, experiments } = await openLab();
  const a = await create();
  const b = await create({ config: { command: "true", dependsOn: ["EXP-001"] } });
  await experiments.claim(a._id, "pod");
  await experiments.settle(a._id, 1, outcome("pass"));
  await experiments.patch(b._id, { status: "blocked" });
  await experiments.remove(a._id);
  expect(await experiments.get(b._id)).toMatchObject({ status: "blocked", statusReason: "blocked by hand" });
});

test("a run starts once, with a new attempt and the ETA its estimate gives", async () => {
  const { create, experiments, clock } = await openLab();
  const { _id } = await create({ estimatedSeconds: 60 });
  clock.at = 2_000_000;
  const [first, second] = await Promise.all([experiments.claim(_id, "p"), experiments.claim(_id, "p")]);
  expect(first).toMatchObject({ status: "running", attempt: 1, podId: "p", startedAt: 2_000_000, etaAt: 2_060_000 });
  expect(second).toBeUndefined();
});

test("the template's estimate is used where the draft has none", async () => {
  const { create } = await openLab();
  expect(await create({ template: "mcmc", config: {} })).toMatchObject({ estimatedSeconds: 120, config: "{}" });
});

test("an outcome settles its own attempt only", async () => {
  const { create, experiments } = await openLab();
  const { _id } = await create();
  await experiments.claim(_id, "p");
  expect(await experiments.settle(_id, 2, outcome("pass"))).toBe(false);
  expect(await experiments.get(_id)).toMatchObject({ status: "running" });
  const qc = { verdict: "pass" as const, checks: [{ name: "exit code", ok: true, reason: "0" }] };
  expect(await experiments.settle(_id, 1, outcome("pass", { qc, metrics: { ess: 812, rminus1: Number.NaN } }))).toBe(
    true,
  );
  expect(await experiments.settle(_id, 1, outcome("fail"))).toBe(false);
  expect(await experiments.get(_id)).toMatchObject({
    status: "pass",
    exitCode: 0,
    qc,
    metrics: { ess: 812 },
    progress: 1,
    etaAt: null,
    endedAt: 1_000_000,
  });
});

test("what is observed of a run is fenced by its attempt and writes no event", async () => {
  const { create, experiments, events } = await openLab();
  const { _id } = await create();
  await experiments.claim(_id, "p");
  const before = (await events()).length;
  await experiments.observe(_id, 1, { progress: 0.5, logLines: 10, metrics: { a: 1 } });
  await experiments.observe(_id, 1, { etaAt: 5, metrics: { b: 2, ΔN: 3, $d: 4 } });
  await experiments.observe(_id, 2, { progress: 0.9 });
  expect(await experiments.get(_id)).toMatchObject({
    progress: 0.5,
    etaAt: 5,
    logLines: 10,
    metrics: { a: 1, b: 2, _N: 3, _d: 4 },
  });
  expect(await events()).toHaveLength(before);
});

test("cancel: waiting ones end at once, a running one is asked to stop, twice is safe", async () => {
  const { create, experiments } = await openLab();
  const waiting = await create();
  const cancelled = await experiments.cancel(waiting._id);
  expect(cancelled).toMatchObject({ status: "fail", result: "cancelled before it started" });
  expect(await experiments.cancel(waiting._id)).toEqual(cancelled);

  const running = await create();
  await experiments.claim(running._id, "p");
  expect(await experiments.cancel(running._id)).toMatchObject({ status: "running", cancelRequested: true });
  expect(await experiments.cancel(running._id)).toMatchObject({ status: "running", cancelRequested: true });
  await experiments.settle(running._id, 1, outcome("fail", { result: "cancelled", exitCode: 143 }));
  expect(await experiments.get(running._id)).toMatchObject({ status: "fail", result: "cancelled" });

  const passed = await create();
  await experiments.claim(passed._id, "p");
  await experiments.settle(passed._id, 1, outcome("pass"));
  await expect(experiments.cancel(passed._id)).rejects.toMatchObject({ code: "conflict" });
});

test("patch running → fail asks the run to stop and keeps the reason given", async () => {
  const { create, experiments } = await openLab();
  const { _id } = await create();
  await experiments.claim(_id, "p");
  await experiments.patch(_id, { status: "fail", result: "wrong prior" });
  await experiments.settle(_id, 1, outcome("fail"));
  expect(await experiments.get(_id)).toMatchObject({ status: "fail", result: "wrong prior", exitCode: 1 });
});

test("patch refuses a step that is not there and names those that are", async () => {
  const { create, experiments } = await openLab();
  const { _id } = await create();
  await expect(experiments.patch(_id, { status: "pass", title: "x" })).rejects.toMatchObject({
    code: "validation_error",
    message: "status: EXP-001 can't go from queued to pass: from queued it may become blocked or fail",
  });
  expect(await experiments.get(_id)).toMatchObject({ title: "a run" });
  await expect(experiments.patch(_id, { status: "running" })).rejects.toThrow(/the lab itself starts and judges runs/);
  expect(await experiments.patch(_id, { status: "queued", priority: "critical" })).toMatchObject({
    status: "queued",
    priority: "critical",
  });
});

test("restart: fail is queued again, pass is copied", async () => {
  const { create, experiments } = await openLab();
  const { _id } = await create({ template: "mcmc", config: { seed: 7 }, priority: "high" });
  await experiments.claim(_id, "p");
  await expect(experiments.restart(_id)).rejects.toMatchObject({ code: "conflict" });
  await experiments.settle(_id, 1, outcome("fail"));
  expect(await experiments.restart(_id)).toMatchObject({ _id, status: "queued", result: null, exitCode: null });
  expect(await experiments.claim(_id, "p")).toMatchObject({ attempt: 2 });
  await experiments.settle(_id, 2, outcome("pass"));
  const copy = await experiments.restart(_id);
  expect(copy).toMatchObject({ experimentId: "EXP-002", config: '{"seed":7}', priority: "high", attempt: 0 });
  expect(await experiments.get(_id)).toMatchObject({ status: "pass" });
});

test("remove deletes logs and rows, but not of a running experiment", async () => {
  const { create, experiments, removedLogs, store, events } = await openLab();
  const { _id } = await create();
  await experiments.claim(_id, "p");
  await expect(experiments.remove(_id)).rejects.toMatchObject({ code: "conflict" });
  await experiments.settle(_id, 1, outcome("fail"));
  await store.change(async ({ tx }) => {
    const point = { experiment_id: _id, attempt: 1, name: "x", rank: 0, step: 1, value: 1, at: 1 };
    await tx.insertInto("metrics").values(point).execute();
  });
  await experiments.remove("EXP-001");
  expect(removedLogs).toEqual([_id]);
  await expect(experiments.get(_id)).rejects.toMatchObject({ code: "not_found" });
  expect(await store.db.selectFrom("metrics").selectAll().execute()).toEqual([]);
  expect((await events()).at(-1)).toBe("experiment.deleted EXP-001");
});

test("pages go back in time without a gap or a repeat, also while rows are added", async () => {
  const { create, experiments, labId, store, labs } = await openLab();
  const projects = createProjects({ store, labs });
  for (const name of ["even", "odd"]) await projects.create({ labId, name });
  for (let n = 0; n < 5; n++) await create({ projectId: n % 2 === 0 ? "even" : "odd" });
  const first = await experiments.list({ labId, limit: 2 });
  expect(first).toMatchObject({ hasMore: true });
  await create();
  const ids = (page: typeof first) => page.rows.map(({ experimentId }) => experimentId);
  expect(ids(first)).toEqual(["EXP-005", "EXP-004"]);
  const second = await experiments.list({ labId, limit: 2, cursor: first.nextCursor ?? "" });
  expect(ids(second)).toEqual(["EXP-003", "EXP-002"]);
  const last = await experiments.list({ labId, limit: 2, cursor: "EXP-002" });
  expect(last).toMatchObject({ hasMore: false, nextCursor: null });
  expect(ids(last)).toEqual(["EXP-001"]);
  expect(ids(await experiments.list({ labId: "dark-energy", limit: 9, projectId: "odd" }))).toEqual([
    "EXP-004",
    "EXP-002",
  ]);
});

test("the window has every unfinished experiment and the newest finished ones", async () => {
  const { create, experiments, labId } = await openLab();
  for (let n = 0; n < 6; n++) await create();
  for (const ref of ["EXP-002", "EXP-003", "EXP-005"]) await experiments.cancel(ref);
  const window = await experiments.window(labId, 2);
  expect(window.map(({ experimentId }) => experimentId)).toEqual([
    "EXP-006",
    "EXP-005",
    "EXP-004",
    "EXP-003",
    "EXP-001",
  ]);
});

test("unfinished comes in queue order", async () => {
  const { create, experiments } = await openLab();
  await create({ priority: "low" });
  await create();
  await create({ priority: "critical" });
  await create();
  expect((await experiments.unfinished()).map(({ experimentId }) => experimentId)).toEqual([
    "EXP-003",
    "EXP-002",
    "EXP-004",
    "EXP-001",
  ]);
});

test("hold writes an event only when the status changes", async () => {
  const { create, experiments, events } = await openLab();
  const { _id } = await create();
  const before = (await events()).length;
  await experiments.hold(_id, "queued", "no free CPU slot");
  expect(await experiments.get(_id)).toMatchObject({ status: "queued", statusReason: "no free CPU slot" });
  expect(await events()).toHaveLength(before);
  await experiments.hold(_id, "blocked", "no interpreter for run.jl");
  expect((await events()).at(-1)).toBe("experiment.blocked EXP-001");
});

test("an ended experiment counts every stored line, also those a killed lab never told of", async () => {
  const { create, experiments, store } = await openLab();
  const { _id } = await create();
  await experiments.claim(_id, "pod");
  await experiments.observe(_id, 1, { logLines: 71 });
  const run = { experiment_id: _id, attempt: 1, dir: "d", state: "running" as const, off: 800, seq: 80, started_at: 1 };
  await store.db.insertInto("runs").values(run).execute();
  await experiments.settle(_id, 1, outcome("pass"));
  expect((await experiments.get(_id)).logLines).toBe(80);
});

test("an id that was used before can't close a circle with those that still name it", async () => {
  const { create, experiments } = await openLab();
  await create({ experimentId: "EXP-010" });
  await create({ config: { command: "true", dependsOn: ["EXP-010"] } });
  await experiments.remove("EXP-010");
  const again = { experimentId: "EXP-010", config: { command: "true", dependsOn: ["EXP-011"] } };
  await expect(create(again)).rejects.toThrow("config.dependsOn: a circle: EXP-010 → EXP-011 → EXP-010");
  await expect(experiments.get("EXP-010")).rejects.toMatchObject({ code: "not_found" });
  expect(await create({ experimentId: "EXP-010" })).toMatchObject({ status: "queued" });
});
