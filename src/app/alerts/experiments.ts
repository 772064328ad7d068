import type { Experiment } from "../../contract/experiment.js";
import type { Cause, Rule } from "./cause.js";

/** A failure of yesterday is history and no alert. */
const failedRecentlyMs = 12 * 3_600_000;

export const experimentFailed: Rule = ({ experiments, view }) =>
  experiments.live.flatMap((row) => {
    const isRecent = row.endedAt !== null && view.nowMs - row.endedAt < failedRecentlyMs;
    return row.status === "fail" && !row.cancelRequested && isRecent ? failure(row) : [];
  });

function failure(row: Experiment): Cause {
  const check =
    row.qc?.verdict === "fail" ? row.qc.checks.find(({ ok, severity }) => !ok && severity !== "warning") : undefined;
  const about = { target: row._id };
  const which = `${row._id}:${row.attempt}`;
  if (check !== undefined) {
    const text = `${row.experimentId} failed its quality check: ${check.name}: ${check.reason}`;
    return { ...about, key: `experiment.qc:${which}`, severity: "warning", text };
  }
  const text = `${row.experimentId} failed: ${row.result ?? `exit code ${row.exitCode ?? "–"}`}`;
  return { ...about, key: `experiment.failed:${which}`, severity: "critical", text };
}

/** One that waits for another to pass is as it should be; it is listed, not alarming. */
export const experimentBlocked: Rule = ({ experiments }) =>
  experiments.live.flatMap((row) => {
    if (row.status !== "blocked") return [];
    const waits = /^waits\b/i.test(row.statusReason ?? "");
    return {
      key: `experiment.blocked:${row._id}`,
      severity: waits ? ("info" as const) : ("warning" as const),
      text: `${row.experimentId} is blocked${row.statusReason === null ? "" : `: ${row.statusReason}`}`,
      target: row._id,
    };
  });
