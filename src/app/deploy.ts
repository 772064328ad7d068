import type { Experiment } from "../contract/experiment.js";
import type { Pod } from "../contract/pod.js";
import { priorityRank } from "../contract/vocabulary.js";
import { longDuration } from "../core/duration.js";
import { usd } from "../core/money.js";
import { isOwnMachine } from "./pod-action.js";
import type { Option } from "./question.js";

// Which queued experiment suits which pod, and what it would take there. The lab decides; this only spares a person the refusal.

const secondsPerHour = 3600;

/** Whether a pod has what an experiment asks for; of a machine of one's own only its lab knows what it takes. */
function suits(pod: Pod, { computeMode }: Experiment): boolean {
  return isOwnMachine(pod) || names([pod.gpuType, ...pod.gpus.map(({ name }) => name)], { computeMode });
}

/** Whether one of the GPUs is what is asked for. */
function names(gpus: readonly string[], { computeMode }: Pick<Experiment, "computeMode">): boolean {
  return computeMode === "CPU" || gpus.some((name) => name.toUpperCase().includes(computeMode));
}

/** Why a pod takes no work now; null when it does. */
export function takesNoWork(pod: Pod): string | null {
  if (pod.status !== "running") return `${pod.name} is ${pod.status === "creating" ? "being created" : pod.status}`;
  return pod.trouble?.message ?? null;
}

function misfit(pod: Pod, experiment: Experiment): string | null {
  if (suits(pod, experiment)) return null;
  return `asks for ${experiment.computeMode}, ${pod.name} has ${pod.gpuCount === 0 ? "no GPU" : pod.gpuType}`;
}

/** What an experiment is expected to cost on a pod; null when either is unknown. */
export function expectedUsd({ estimatedSeconds }: Pick<Experiment, "estimatedSeconds">, perHourUsd: number | null) {
  return estimatedSeconds === null || perHourUsd === null ? null : (estimatedSeconds / secondsPerHour) * perHourUsd;
}

/** `~40 min, ~$2.70`, as far as it is known; nothing of what is not. */
function expectation(experiment: Pick<Experiment, "estimatedSeconds">, perHourUsd: number | null): readonly string[] {
  const { estimatedSeconds } = experiment;
  if (estimatedSeconds === null) return [];
  const time = `~${longDuration(estimatedSeconds * 1000)}`;
  const costUsd = expectedUsd(experiment, perHourUsd);
  return [costUsd === null ? time : `${time}, ${usd(costUsd, { estimate: true })}`];
}

const free = (pod: Pod) => pod.slotsUsed < pod.slots;

const inQueueOrder = (a: Experiment, b: Experiment) =>
  priorityRank[a.priority] - priorityRank[b.priority] || a.createdAt - b.createdAt;

/** The queued experiment that such a pod would take first. */
export function plannedExperiment(gpuType: string, rows: readonly Experiment[]): Experiment | undefined {
  return rows.filter((row) => row.status === "queued" && names([gpuType], row)).sort(inQueueOrder)[0];
}

/** Queued experiments for one pod: what the lab proposes first, then those that suit, in the order of the queue. */
export function experimentOptions(pod: Pod, rows: readonly Experiment[]): readonly Option[] {
  const proposed = ({ _id }: Experiment) => (pod.proposal?.id === _id ? 0 : 1);
  const queued = rows.filter(({ status }) => status === "queued");
  return queued
    .map((row) => ({ row, refusal: misfit(pod, row) }))
    .sort(
      (a, b) =>
        proposed(a.row) - proposed(b.row) ||
        Number(a.refusal !== null) - Number(b.refusal !== null) ||
        inQueueOrder(a.row, b.row),
    )
    .map(({ row, refusal }) => ({
      id: row._id,
      label: `${row.experimentId} ${row.title}`,
      about: [
        row.computeMode,
        row.priority,
        ...expectation(row, pod.costPerHourUsd),
        ...(pod.proposal?.id === row._id ? [`proposed: ${pod.proposal.reason}`] : []),
      ].join(" · "),
      refusal,
    }));
}

/** Pods for one queued experiment: idle ones that suit first, then busy ones, then those that can't. */
export function podOptions(experiment: Experiment, pods: readonly Pod[]): readonly Option[] {
  const rank = (pod: Pod) => (free(pod) ? 0 : 1);
  return pods
    .filter(({ status }) => status !== "terminated")
    .map((pod) => ({ pod, refusal: takesNoWork(pod) ?? misfit(pod, experiment) }))
    .sort(
      (a, b) =>
        Number(a.refusal !== null) - Number(b.refusal !== null) ||
        rank(a.pod) - rank(b.pod) ||
        (b.pod.idleMinutes ?? 0) - (a.pod.idleMinutes ?? 0) ||
        (a.pod.costPerHourUsd ?? Infinity) - (b.pod.costPerHourUsd ?? Infinity),
    )
    .map(({ pod, refusal }) => ({
      id: pod._id,
      label: pod.name,
      about: [
        pod.gpuCount === 0 ? "CPU" : `${pod.gpuCount}×${pod.gpuType}`,
        ...(pod.costPerHourUsd === null ? [] : [`${usd(pod.costPerHourUsd)}/h`]),
        ...expectation(experiment, pod.costPerHourUsd),
        ...(pod.acceptsWork ? [] : ["drains now, takes work again with this"]),
        free(pod) ? idleText(pod) : `busy: waits for ${pod.experiments.join(", ")}`,
      ].join(" · "),
      refusal,
    }));
}

function idleText({ idleMinutes }: Pod): string {
  return idleMinutes === null || idleMinutes === 0 ? "free" : `idle ${longDuration(idleMinutes * 60_000)}`;
}
