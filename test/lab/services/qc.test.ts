import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { Experiment } from "../../../src/contract/experiment.js";
import { QcReport } from "../../../src/contract/qc.js";
import { owner } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { runEnvironment } from "../../../src/lab/executors/local.js";
import type { LabError } from "../../../src/lab/lab-error.js";
import { createQc } from "../../../src/lab/services/qc.js";
import { ended, freshDir, openLab } from "../runs/runs-fixture.js";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A lab that runs experiments, with its QC. */
async function lab() {
  const dataDir = freshDir();
  const here = await openLab(dataDir);
  open.push(here.close);
  const closing = new AbortController();
  const qc = createQc({
    store: here.store,
    clock: { now: () => Date.now() },
    services: here.services,
    builtIn: [],
    recorder: here.recorder,
    env: runEnvironment(process.env),
    closing: closing.signal,
  });
  const run = async (config: Record<string, unknown>) => {
    const { _id } = await here.create(config);
    return await here.until(_id, ended);
  };
  const work = ({ _id, attempt }: Experiment, file: string) =>
    join(dataDir, "runs", _id, String(attempt), "work", file);
  const history = (id: string) =>
    here.store.db.selectFrom("experiment_statuses").selectAll().where("experiment_id", "=", id).execute();
  return {
    ...here,
    qc,
    run,
    work,
    history,
    closing,
    dir: (id: string, attempt = 1) => join(dataDir, "runs", id, String(attempt)),
  };
}

const byOwner = <T>(work: () => Promise<T>) => ask({ actor: owner, need: "experiments:write" }, new Set(), work);
const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => "no refusal",
    (error: unknown) => `${(error as LabError).code}: ${(error as LabError).message}`,
  );

test("the report of a run has its checks, its score, its judgement and its record", async () => {
  const { qc, run } = await lab();
  const done = await run({
    command: `echo '{"r": 0.004}' > metrics.json`,
    outputs: ["metrics.json"],
    qc: { metrics: { r: { max: 0.01 } }, check: "echo looked; echo fine" },
    seed: 3,
  });
  expect(done.qc).toMatchObject({ verdict: "pass", score: 100, checksTotal: 4, override: null });
  const report = await qc.report(done.experimentId);
  expect(QcReport.parse(report)).toEqual(report);
  expect(report).toMatchObject({
    id: done._id,
    experimentId: "EXP-001",
    attempt: 1,
    verdict: "pass",
    score: 100,
    result: "pass: 4 checks",
    checkOutput: "looked\nfine\n",
    judgements: [{ by: "lab", verdict: "pass" }],
    reproduction: { seeds: { seed: 3 }, changed: [] },
  });
  expect(report.checks.find(({ name }) => name === "r")).toMatchObject({ value: 0.004, bound: "≤ 0.01" });
  expect(report.reproduction?.endedAt).not.toBeNull();
});

test("a failed one that passes when judged again is a pass, without another run, and frees who waits for it", async () => {
  const { qc, run, work, history, create, until, store, services } = await lab();
  const failed = await run({ command: "true", outputs: ["late.txt"] });
  expect(failed.result).toBe("fail: late.txt is missing");
  const waiting = await create({ command: "true", dependsOn: [failed.experimentId] });
  expect(waiting.status).toBe("blocked");

  writeFileSync(work(failed, "late.txt"), "here it is");
  const report = await byOwner(() => qc.rerun(failed.experimentId));
  expect(report).toMatchObject({ verdict: "pass", attempt: 1, result: "pass: 2 checks" });
  expect(report.judgements.map(({ by, verdict }) => [by, verdict])).toEqual([
    ["lab", "fail"],
    ["owner", "pass"],
  ]);
  const now = await services.experiments.get(failed._id);
  expect(now).toMatchObject({
    status: "pass",
    result: "pass: 2 checks",
    attempt: 1,
    exitCode: 0,
    qc: { verdict: "pass" },
  });
  expect((await history(failed._id)).at(-1)).toMatchObject({
    from_status: "fail",
    status: "pass",
    actor: "owner",
    reason: "QC run again",
  });
  const { outcome } = await store.db
    .selectFrom("runs")
    .select("outcome")
    .where("experiment_id", "=", failed._id)
    .executeTakeFirstOrThrow();
  expect(JSON.parse(outcome ?? "{}")).toMatchObject({ status: "pass", result: "pass: 2 checks" });
  await until(waiting._id, ({ status }) => status === "pass");
});

test("one that passed and does not any more fails, with what is wrong", async () => {
  const { qc, run, work, services, store } = await lab();
  const passed = await run({ command: "echo x > out.txt", outputs: ["out.txt"] });
  rmSync(work(passed, "out.txt"));
  expect(await qc.rerun(passed._id)).toMatchObject({ verdict: "fail", result: "fail: out.txt is missing" });
  expect(await services.experiments.get(passed._id)).toMatchObject({
    status: "fail",
    result: "fail: out.txt is missing",
  });
  const last = await store.db.selectFrom("events").select("topic").orderBy("seq", "desc").executeTakeFirstOrThrow();
  expect(last.topic).toBe("experiment.failed");
});

test("an override has a note and an author, leaves the report as it is, and holds until it is cleared", async () => {
  const { qc, run, services } = await lab();
  const failed = await run({ command: `echo '{"r": 0.5}' > metrics.json`, qc: { metrics: { r: { max: 0.01 } } } });
  expect(await refused(qc.override(failed._id, { verdict: "pass", note: "  " }))).toMatch(/^validation_error: note: /);

  const report = await byOwner(() => qc.override(failed._id, { verdict: "pass", note: "seen\nby hand" }));
  expect(report).toMatchObject({
    verdict: "pass",
    override: { verdict: "pass", note: "seen\nby hand", by: "owner" },
    result: "pass: overridden by owner: seen by hand (checks: fail: r = 0.5 above 0.01)",
    judgements: [{ verdict: "fail" }],
  });
  expect(report.checks.some(({ ok }) => !ok)).toBe(true);
  expect(await services.experiments.get(failed._id)).toMatchObject({
    status: "pass",
    result: report.result,
    qc: { verdict: "pass", override: { by: "owner" } },
  });

  expect(await qc.rerun(failed._id)).toMatchObject({ verdict: "pass", override: { verdict: "pass" } });
  expect(await qc.rerun(failed._id, { clearOverride: true })).toMatchObject({ verdict: "fail", override: null });
  expect((await services.experiments.get(failed._id)).status).toBe("fail");
});

test("what has not ended can't be judged", async () => {
  const { qc, create, until, services } = await lab();
  const running = await create({ command: "sleep 60", graceSeconds: 0 });
  await until(running._id, ({ status }) => status === "running");
  const waiting = await create({ command: "true", dependsOn: [running.experimentId] });
  const cancelled = await services.experiments.cancel(
    (await create({ command: "true", dependsOn: [running.experimentId] }))._id,
  );
  expect(await refused(qc.rerun(running._id))).toMatch(/^conflict: EXP-001 is running: /);
  expect(await refused(qc.override(waiting._id, { verdict: "pass", note: "x" }))).toMatch(
    /^conflict: EXP-002 is blocked: /,
  );
  expect(await refused(qc.rerun(cancelled._id))).toMatch(/^conflict: EXP-003 has not run/);
  expect(await refused(qc.report("EXP-999"))).toMatch(/^not_found: /);
  expect(await qc.report(running._id)).toMatchObject({ attempt: 1, verdict: null, checks: [], judgements: [] });
  expect(await qc.report(waiting._id)).toMatchObject({ attempt: 0, verdict: null, reproduction: null });
});

test("every attempt keeps its report", async () => {
  const { qc, run, services, until } = await lab();
  const first = await run({ command: "test -e again || { touch again; exit 3; }", cwd: freshDir() });
  await services.experiments.restart(first._id);
  await until(first._id, ({ attempt, status }) => attempt === 2 && status === "pass");
  expect(await qc.report(first._id)).toMatchObject({ attempt: 2, verdict: "pass" });
  expect(await qc.report(first._id, 1)).toMatchObject({ attempt: 1, verdict: "fail", result: "fail: exit code 3" });
  expect(await refused(qc.report(first._id, 3))).toBe("not_found: attempt: EXP-001 has no attempt 3; it has 1 to 2");
});

test("one that was cancelled does not pass by being judged again, but by somebody's word", async () => {
  const { qc, create, until, services } = await lab();
  const { _id } = await create({ command: "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done" });
  await until(_id, ({ logLines }) => logLines > 0);
  await services.experiments.cancel(_id);
  expect(await until(_id, ended)).toMatchObject({ status: "fail", exitCode: 0, result: "cancelled" });
  expect(await qc.report(_id)).toMatchObject({ verdict: null, checks: [] });
  expect(await qc.rerun(_id)).toMatchObject({ verdict: "fail", result: "fail: cancelled" });
  await qc.override(_id, { verdict: "pass", note: "it was done" });
  expect((await services.experiments.get(_id)).status).toBe("pass");
});

test("two at once: the second is told, and nothing is judged when the lab stops meanwhile", async () => {
  const { qc, run, dir, closing, services } = await lab();
  const done = await run({ command: "true", qc: { check: "test ! -e ../wait || { touch ../waits; sleep 60; }" } });
  writeFileSync(join(dir(done._id), "wait"), "");
  const slow = refused(qc.rerun(done._id));
  await vi.waitFor(() => expect(existsSync(join(dir(done._id), "waits"))).toBe(true), 5000);
  expect(await refused(qc.rerun(done._id))).toMatch(/^conflict: EXP-001: its QC is under way/);
  closing.abort();
  expect(await slow).toBe("conflict: the lab stops; run the QC again when it is back");
  expect((await services.experiments.get(done._id)).status).toBe("pass");
});

test("without the run's directory the database still knows what was found", async () => {
  const { qc, run, dir, services } = await lab();
  const failed = await run({ command: "true", outputs: ["a"] });
  rmSync(dir(failed._id), { recursive: true });
  expect(await qc.report(failed._id)).toMatchObject({
    verdict: "fail",
    result: "fail: a is missing",
    judgements: [{ by: "lab", verdict: "fail" }],
    reproduction: null,
  });
  expect(await refused(qc.rerun(failed._id))).toBe("conflict: EXP-001: the files of attempt 1 are gone; restart it");
  await qc.override(failed._id, { verdict: "pass", note: "known" });
  expect(await services.experiments.get(failed._id)).toMatchObject({ status: "pass" });
  expect(await qc.report(failed._id)).toMatchObject({
    verdict: "pass",
    override: { note: "known" },
    judgements: [{ verdict: "fail" }],
  });
});

test("a report that can't be read is as none", async () => {
  const { qc, run, dir } = await lab();
  const done = await run({ command: "true" });
  const file = join(dir(done._id), "qc.json");
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ judgements: [{ verdict: "pass" }] });
  writeFileSync(file, '{"checks": 3}');
  writeFileSync(join(dir(done._id), "reproduction.json"), "{");
  expect(await qc.report(done._id)).toMatchObject({ verdict: "pass", result: "pass: 1 check", reproduction: null });
});
