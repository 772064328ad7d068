import type { Pod, TelemetrySample } from "../../contract/pod.js";
import { longDuration } from "../../core/duration.js";
import { usd } from "../../core/money.js";
import { idleMs, isBilling, podEnds, podRow } from "../selectors/pod-row.js";
import type { Cause, Rule } from "./cause.js";

const minuteMs = 60_000;
/** Until the lab's settings have come. */
const idleAlertMinutes = 15;
const gpuIdlePercent = 5;
const gpuWindowMs = 5 * minuteMs;
const endNearMs = 30 * minuteMs;
/** A stopped pod's disk is worth a word from here on. */
const dearDiskUsdPerMonth = 10;

/** An idle machine of one's own costs nothing that it would not cost anyway. */
export const podIdle: Rule = ({ pods, settings }) => {
  const fromMs = (settings.settings?.idleAlertMinutes ?? idleAlertMinutes) * minuteMs;
  return pods.rows.flatMap((pod) => {
    const idle = idleMs(pod);
    if (pod.provider === "local" || idle === null || idle < fromMs) return [];
    const { wastedUsd } = podRow(pod, []);
    const wasted = wastedUsd === null ? "" : `, ${usd(wastedUsd)} wasted`;
    const proposal = pod.proposal === null ? "" : `; ${pod.proposal.experimentId} could run there`;
    return about(pod, "idle", "warning", `${pod.name} is idle for ${longDuration(idle)}${wasted}${proposal}`);
  });
};

export const gpuIdle: Rule = ({ pods }) =>
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

/** What it will do by itself soon. Ending work, or what is only there, is worse than ending idleness. */
export const podEndsSoon: Rule = ({ pods, view }) =>
  pods.rows.flatMap((pod) =>
    podEnds(pod).flatMap((end) => {
      const leftMs = end.at - view.nowMs;
      if (leftMs >= endNearMs) return [];
      const what = end.action === "stop" ? "is stopped" : "is terminated";
      const why = end.why === "idle" ? "for idleness; w postpones it" : "by its max hours";
      const busy = pod.experiments.length === 0 ? "" : `, ${pod.experiments.join(", ")} with it`;
      const severity = end.why === "max hours" && pod.experiments.length > 0 ? "critical" : "warning";
      const key = end.why === "idle" ? "autoStop" : "maxHours";
      return about(pod, key, severity, `${pod.name} ${what} in ${longDuration(leftMs)} ${why}${busy}`);
    }),
  );

/** These leave something that bills, or may be lost. */
const severe: ReadonlySet<string> = new Set([
  "error",
  "zeroGpu",
  "volumeGone",
  "vanished",
  "stopFailed",
  "neverBooted",
]);

/** Pods in trouble, each with its words; a provider that does not answer is an alert of its own. */
export const podTrouble: Rule = ({ pods }) =>
  pods.rows.flatMap((pod) => {
    const { trouble, status } = pod;
    if (trouble === null || status === "terminated" || trouble.code === "providerDown") return [];
    const severity = severe.has(trouble.code) ? "critical" : "warning";
    const bills = isBilling(pod) ? `; bills ${usd(pod.costPerHourUsd)}/h` : "";
    return about(pod, `trouble.${trouble.code}`, severity, `${pod.name}: ${trouble.message}${bills}`);
  });

/** What a stopped pod still costs, and what is only on it. */
export const podStopped: Rule = ({ pods }) =>
  pods.rows.flatMap((pod) => {
    if (pod.status !== "stopped") return [];
    const causes: Cause[] = [];
    const { unsynced, stoppedCostPerMonthUsd: diskUsd } = pod;
    if (unsynced.length > 0) {
      const text = `outputs of ${unsynced.join(", ")} are only on ${pod.name}, which is stopped; F fetches them`;
      causes.push(about(pod, "unsynced", "warning", text));
    }
    if (diskUsd !== null && diskUsd >= dearDiskUsdPerMonth) {
      causes.push(about(pod, "disk", "info", `${pod.name} is stopped and its disk costs ${usd(diskUsd)} a month`));
    }
    return causes;
  });

function about(pod: Pod, what: string, severity: Cause["severity"], text: string): Cause {
  return { key: `pod.${what}:${pod._id}`, severity, text, target: pod._id };
}
