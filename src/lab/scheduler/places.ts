import type { Pod } from "../../contract/pod.js";
import { usd } from "../../core/money.js";
import { isShared } from "../pods/own-machines.js";
import type { Place } from "./fit.js";
import { idleWords } from "./propose.js";

export interface PlaceRules {
  /** Jobs for any GPU run on this machine although no GPU of that kind was seen. */
  readonly takesAnyGpu: boolean;
  /** Queued experiments go on this idle rented pod by themselves. */
  readonly autoSchedule: (pod: Pod) => boolean;
  /** What needs no GPU may take a rented one. */
  readonly cpuJobsOnGpuPods: boolean;
  /** Why commands can't go to a pod at this moment; null: they can. */
  readonly unreachable: (pod: Pod) => string | null;
}

/** What is wrong with a pod, and does not keep an experiment from running there. */
const harmless: readonly string[] = ["clockWrong", "providerDown"];

/** A pod as a place for experiments; of one that has gone there is none. */
export function toPlace(pod: Pod, rules: PlaceRules): Place | null {
  if (pod.status === "terminated") return null;
  const rents = !isShared(pod);
  const byHand = rents ? takesByHand(pod, rules) : null;
  const gpus = gpusOf(pod);
  return {
    podId: pod._id,
    labId: pod.shared ? null : pod.labId,
    name: pod.name,
    provider: pod.provider,
    rents,
    region: pod.region,
    costPerHourUsd: pod.costPerHourUsd,
    acceptsWork: pod.acceptsWork,
    unavailable: unavailable(pod) ?? noWay(pod) ?? rules.unreachable(pod),
    byHand,
    autoReason: rents && byHand === null ? autoReason(pod) : null,
    slots: pod.slots,
    slotsUsed: pod.slotsUsed,
    idleMinutes: pod.idleMinutes,
    gpus,
    takesAnyGpu: rules.takesAnyGpu && pod.provider === "local",
    takesCpuJobs: !rents || gpus.length === 0 || rules.cpuJobsOnGpuPods,
  };
}

function gpusOf({ gpus, gpuType, gpuCount }: Pod): readonly string[] {
  if (gpuCount === 0) return [];
  return gpus.length > 0 ? gpus.map(({ name }) => name) : [gpuType];
}

/** Why no experiment can start there now, in words that stand after the pod's name. */
function unavailable(pod: Pod): string | null {
  const { status, statusReason, trouble, createdByLab, acceptsWork } = pod;
  if (status === "creating") return statusReason === null ? "comes up" : `comes up (${statusReason})`;
  if (status !== "running") return `is ${status}`;
  if (trouble !== null && !harmless.includes(trouble.code)) return trouble.message;
  // Foreign pods take no work until somebody says so; one that the lab made is about to be stopped or changed.
  const isLeaving = createdByLab && !acceptsWork && !isShared(pod);
  return isLeaving ? "takes no work now" : null;
}

/** Commands and files go over ssh, to everywhere but this machine. */
function noWay({ provider, ssh, sshReason }: Pod): string | null {
  if (provider === "local" || ssh?.via === "direct") return null;
  return sshReason ?? (ssh === null ? "no ssh" : "no direct ssh: its relay takes no commands");
}

/** Experiments are put on idle pods: not beside somebody's own work, nor on a foreign pod of which nothing is known. */
function takesByHand(pod: Pod, { autoSchedule }: PlaceRules): string | null {
  const { slotsUsed, idleMinutes, createdByLab } = pod;
  if (!autoSchedule(pod)) return "auto-schedule is off";
  if (slotsUsed > 0) return null;
  if (idleMinutes === 0) return "somebody works there";
  return idleMinutes === null && !createdByLab ? "whether it idles is unknown" : null;
}

function autoReason(pod: Pod): string {
  const price = pod.costPerHourUsd === null ? "" : ` at ${usd(pod.costPerHourUsd)}/h`;
  return `auto-schedule: ${pod.name} ${idleWords(pod)}${price}`;
}
