import { expect, test } from "vitest";
import { openLab, outcome } from "./lab-fixture.js";

const retry = { maxAttempts: 3, backoffSeconds: 10, factor: 3, maxBackoffSeconds: 20 };

async function failing(config: Record<string, unknown>) {
  const lab = await openLab();
  const { _id } = await lab.create({ config: { command: "false", ...config } });
  /** Starts it and ends it; answers what it is then. */
  const attempt = async (end: ReturnType<typeof outcome>) => {
    const claimed = await lab.experiments.claim(_id, "pod");
    await lab.experiments.settle(_id, claimed?.attempt ?? 0, end);
    return lab.experiments.get(_id);
  };
  return { ...lab, _id, attempt };
}

test("a failed attempt is followed by another, later each time, until there were enough", async () => {
  const { attempt, experiments, _id, clock } = await failing({ retry });
  clock.at = Date.UTC(2026, 10, 22, 14, 3, 10);
  expect(await attempt(outcome("fail"))).toMatchObject({
    status: "queued",
    statusReason: "retries at 14:03:20 UTC (attempt 2 of 3)",
    notBeforeAt: clock.at + 10_000,
    result: "exit code 1",
    podId: null,
  });
  expect(await attempt(outcome("fail", { exitCode: null, result: "lost" }))).toMatchObject({
    notBeforeAt: clock.at + 20_000,
    statusReason: "retries at 14:03:30 UTC (attempt 3 of 3)",
  });
  expect(await attempt(outcome("fail"))).toMatchObject({ status: "fail", notBeforeAt: null });
  const changes = await experiments.statuses(_id);
  expect(changes.map(({ status }) => status)).toEqual([
    "queued",
    "running",
    "fail",
    "queued",
    "running",
    "fail",
    "queued",
    "running",
    "fail",
  ]);
  // Somebody's restart counts anew.
  await experiments.restart(_id);
  expect(await attempt(outcome("fail"))).toMatchObject({ statusReason: "retries at 14:03:20 UTC (attempt 2 of 3)" });
  expect(await experiments.restart(_id)).toMatchObject({ notBeforeAt: null, status: "queued" });
});

test("what somebody cancelled, and what its checks failed, is not tried again; the latter is when asked for", async () => {
  const judged = outcome("fail", { exitCode: 0, result: "fail: rminus1" });
  const { attempt } = await failing({ retry });
  expect(await attempt(judged)).toMatchObject({ status: "fail" });
  const asked = await failing({ retry: { ...retry, on: ["qc"] } });
  expect(await asked.attempt(judged)).toMatchObject({ status: "queued" });
  expect(await asked.attempt(outcome("fail"))).toMatchObject({ status: "fail" });

  const cancelled = await failing({ retry });
  await cancelled.experiments.claim(cancelled._id, "pod");
  await cancelled.experiments.cancel(cancelled._id);
  await cancelled.experiments.settle(cancelled._id, 1, outcome("fail"));
  expect(await cancelled.experiments.get(cancelled._id)).toMatchObject({ status: "fail" });
});

test("dependants wait through the retries of what they wait for", async () => {
  const { attempt, create, experiments } = await failing({ retry });
  const { _id } = await create({ dependsOn: ["EXP-001"] });
  await attempt(outcome("fail"));
  expect(await experiments.get(_id)).toMatchObject({ statusReason: "waits for EXP-001" });
  await attempt(outcome("pass"));
  expect(await experiments.get(_id)).toMatchObject({ status: "queued" });
});
