import { stoppedMonthUsd } from "../../clients/runpod/storage-price.js";
import type { Idle } from "../../contract/idle.js";
import { wastedUsd } from "../../contract/idle.js";
import { notRented, type Pod, type TelemetrySample } from "../../contract/pod.js";
import { maskEnv } from "../../contract/pod-env.js";
import type { SeenPod } from "../../contract/provider.js";

/** What this room knows of a pod beside what RunPod tells. */
export interface PodFacts {
  readonly at: number;
  readonly idle: Idle;
  readonly last: TelemetrySample | null;
  readonly lastSystemLine: string | null;
  readonly todayUsd: number | null;
  readonly monthUsd: number | null;
}

/** The id stands for a lab's in every pod of an account. */
export const accountId = "runpod";

/** What a pod has in common with how RunPod tells it. */
const told = [
  "providerId",
  "name",
  "gpuType",
  "gpuCount",
  "status",
  "statusReason",
  "providerStatus",
  "trouble",
  "actions",
  "region",
  "cloud",
  "image",
  "diskGb",
  "volumeGb",
  "locked",
  "ssh",
  "sshReason",
  "ports",
  "costPerHourUsd",
  "startedAt",
  "createdAt",
] as const satisfies readonly (keyof Pod & keyof SeenPod)[];

/** A pod of the account as the room shows it. There is no lab: nobody puts work on it or stops it by itself. */
export function roomPod(seen: SeenPod, facts: PodFacts): Pod {
  return {
    ...notRented,
    ...pick(seen, told),
    _id: seen.providerId,
    _creationTime: seen.createdAt,
    id: seen.providerId,
    labId: accountId,
    provider: "runpod",
    // False would say that it drains.
    acceptsWork: true,
    slots: 0,
    slotsUsed: 0,
    gpus: gpusOf(seen),
    env: maskEnv(seen.env),
    stoppedCostPerMonthUsd: stoppedMonthUsd(seen.stoppedMicrosPerHour),
    costTodayUsd: facts.todayUsd,
    costMonthUsd: facts.monthUsd,
    costEstimated: true,
    ...facts.idle,
    wastedUsd: wastedUsd(seen.costPerHourUsd, facts.idle),
    lastSystemLine: seen.status === "creating" ? facts.lastSystemLine : null,
    experiments: [],
    last: facts.last,
    updatedAt: facts.at,
  };
}

/** RunPod tells of GPUs in their order only: no serial number, no bytes, no watts. */
function gpusOf({ providerId, gpuType, gpuCount, sample }: SeenPod): Pod["gpus"] {
  return Array.from({ length: gpuCount }, (_, index) => ({
    uuid: `${providerId}/${index}`,
    index,
    name: gpuType,
    utilPercent: sample?.gpus[index]?.utilPercent ?? null,
    memoryUsedMiB: null,
    memoryTotalMiB: null,
    temperatureC: null,
    powerW: null,
  }));
}

function pick<K extends keyof SeenPod>(seen: SeenPod, keys: readonly K[]): Pick<SeenPod, K> {
  return Object.fromEntries(keys.map((key) => [key, seen[key]])) as Pick<SeenPod, K>;
}
