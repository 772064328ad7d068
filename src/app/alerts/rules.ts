import type { ChainHealth } from "../../chain/convergence.js";
import type { Experiment } from "../../contract/experiment.js";
import type { Pod, TelemetrySample } from "../../contract/pod.js";
import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import { chainHealth } from "../selectors/chain-health.js";
import { visibleExperiments } from "../selectors/visible-experiments.js";
import type { Alert } from "../slices/alerts.js";
import { staleSince } from "../slices/link.js";
import type { AppState } from "../store.js";

/** An alert as the state of this moment calls for it. `holdMs`: the cause must have lasted so long before it is raised. */
export interface Cause extends Pick<Alert, "key" | "severity" | "text" | "target"> {
  readonly holdMs?: number;
}

type Rule = (state: AppState) => readonly Cause[];

const minuteMs = 60_000;
/** A failure of yesterday is history and no alert. */
const failedRecentlyMs = 12 * 60 * minuteMs;
const idleMinutes = 15;
const gpuIdlePercent = 5;
const gpuWindowMs = 5 * minuteMs;
const lostForLongMs = 5 * minuteMs;

const linkLost: Rule = ({ link, view }) => {
  if (link.link.state !== "lost") return [];
  const forMs = view.nowMs - (staleSince(link) ?? view.nowMs);
  const text = `link lost, what is shown is ${longDuration(forMs)} old: ${link.link.reason}`;
  return [{ key: "link.lost", severity: forMs > lostForLongMs ? "critical" : "warning", text, target: null }];
};

const experimentFailed: Rule = ({ experiments, view }) =>
  experiments.live.flatMap((row) => {
    const isRecent = row.endedAt !== null && view.nowMs - row.endedAt < failedRecentlyMs;
    return row.status === "fail" && !row.cancelRequested && isRecent ? failure(row) : [];
  });

function failure(row: Experiment): Cause {
  const check = row.qc?.verdict === "fail" ? row.qc.checks.find(({ ok }) => !ok) : undefined;
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
const experimentBlocked: Rule = ({ experiments }) =>
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

const perHour = (pod: Pod | undefined) =>
  pod?.costPerHourUsd === undefined || pod.costPerHourUsd === null ? "" : ` and bills ${usd(pod.costPerHourUsd)}/h`;

/** From the last value of each metric, which every row has: chains that are not on the screen are watched too. */
const chainMarks: Rule = ({ experiments, pods }) =>
  experiments.live.flatMap((row) => {
    if (row.status !== "running") return [];
    const about = { target: row._id };
    const causes: Cause[] = [];
    if (isSet(row, "chain.converged")) {
      const pod = pods.rows.find(({ _id, name }) => _id === row.podId || name === row.podId);
      const text = `${row.experimentId} has converged, still runs${perHour(pod)}: x stops it`;
      // A run that has converged takes a moment to write its results and end.
      causes.push({ ...about, key: `chain.converged:${row._id}`, severity: "warning", text, holdMs: 2 * minuteMs });
    }
    if (isSet(row, "chain.stuck")) {
      const text = `${row.experimentId} is stuck: its sampler says so`;
      causes.push({ ...about, key: `chain.stuck:${row._id}`, severity: "critical", text });
    }
    return causes;
  });

const isSet = (row: Experiment, mark: string) => (row.metrics[mark] ?? 0) > 0;

/** What only the whole series of the chain on the screen can tell. */
const chainOnScreen: Rule = (state) => {
  const id = state.chain.experimentId;
  const row = id === null ? undefined : visibleExperiments(state.experiments).byId(id);
  const health = row?.status === "running" ? chainHealth(state) : null;
  if (row === undefined || health?.isChain !== true) return [];
  return chainCauses(health, row.experimentId).map((cause) => ({
    ...cause,
    key: `${cause.key}:${row._id}`,
    target: row._id,
  }));
};

function chainCauses(health: ChainHealth, name: string): readonly Omit<Cause, "target">[] {
  const { stuckEarly, stragglers, silentForMs } = health;
  const rankList = (ranks: readonly number[]) => `rank${ranks.length === 1 ? "" : "s"} ${ranks.join(", ")}`;
  const causes: (Omit<Cause, "target"> & { readonly when: boolean })[] = [
    {
      when: health.notFiniteAt !== null,
      key: "chain.notFinite",
      severity: "critical",
      text: `${name} printed a number that is none (nan)`,
    },
    {
      when: health.silent,
      key: "chain.silent",
      severity: "warning",
      text: `${name} has printed nothing for ${longDuration(silentForMs)}`,
    },
    {
      when: stuckEarly.length > 0,
      key: "chain.stuckEarly",
      severity: "warning",
      text: `${name} accepts nothing on ${rankList(stuckEarly)}, though it steps`,
    },
    {
      when: health.plateau && !health.converged,
      key: "chain.plateau",
      severity: "warning",
      text: `${name}: R-1 has not improved over 8 tests`,
    },
    {
      when: stragglers.length > 0,
      key: "chain.straggler",
      severity: "info",
      text: `${name}: ${rankList(stragglers)} at a third of the others' pace`,
    },
  ];
  return causes.flatMap(({ when, ...cause }) => (when ? cause : []));
}

/** An idle machine of one's own costs nothing that it would not cost anyway. */
const podIdle: Rule = ({ pods }) =>
  pods.rows.flatMap((pod) => {
    const { idleMinutes: idle, costPerHourUsd: cost } = pod;
    if (pod.status !== "running" || pod.provider === "local" || idle === null || idle < idleMinutes) return [];
    const wasted = cost === null ? "" : `, ${usd((idle / 60) * cost)} wasted`;
    return {
      key: `pod.idle:${pod._id}`,
      severity: "warning" as const,
      text: `${pod.name} is idle for ${longDuration(idle * minuteMs)}${wasted}`,
      target: pod._id,
    };
  });

const gpuIdle: Rule = ({ pods }) =>
  pods.rows.flatMap((pod) => {
    if (pod.status !== "running" || pod.gpuCount === 0 || pod.experiments.length === 0) return [];
    const percent = meanGpuPercent(pods.samples[pod._id] ?? []);
    if (percent === null || percent >= gpuIdlePercent) return [];
    return {
      key: `pod.gpuIdle:${pod._id}`,
      severity: "warning" as const,
      text: `${pod.name}: GPU at ${percent.toFixed(0)} % while ${pod.experiments.join(", ")} runs there`,
      target: pod._id,
    };
  });

/** Over the last minutes; null before there are samples of all of them. */
function meanGpuPercent(samples: readonly TelemetrySample[]): number | null {
  const last = samples.at(-1);
  const first = samples[0];
  if (last === undefined || first === undefined || last.at - first.at < gpuWindowMs) return null;
  const known = samples.flatMap(({ at, gpuUtilPercent }) => (at > last.at - gpuWindowMs ? (gpuUtilPercent ?? []) : []));
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

const rules: readonly Rule[] = [
  linkLost,
  experimentFailed,
  chainMarks,
  chainOnScreen,
  podIdle,
  gpuIdle,
  experimentBlocked,
];
const severityRank = { critical: 0, warning: 1, info: 2 } as const;

/** Everything a person should look at now, the worst first. While the link is lost only that is certain. */
export function alertCauses(state: AppState): readonly Cause[] {
  return rules.flatMap((rule) => rule(state)).sort((a, b) => severityRank[a.severity] - severityRank[b.severity]);
}
