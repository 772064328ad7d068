import type { Insertable, Selectable } from "kysely";
import type { PodStatus, PodTrouble } from "../../contract/pod.js";
import { maskEnv } from "../../contract/pod-env.js";
import { longDuration } from "../../core/duration.js";
import type { PodsTable } from "../store/schema.js";
import { type PodSpec, readSpec } from "./pod-spec.js";
import type { SeenPod } from "./provider.js";

export type PodRow = Selectable<PodsTable>;
export type PodValues = Omit<Insertable<PodsTable>, "id" | "lab_id" | "created_at" | "updated_at">;

/** A pod that has not come up by then hangs: pulling an image takes minutes, not this long. */
export const neverBootedMs = 20 * 60_000;
const hourMs = 3_600_000;

/** Why nothing starts on a machine that nobody rents, in the words of its row. */
export const drainedWords = "drained: running experiments go on, no new one starts";

/** Troubles that the lab found out itself, and the status while they last. */
const ownTroubles: Readonly<Record<string, readonly PodStatus[]>> = {
  stopFailed: ["running", "creating"],
  restartFailed: ["running"],
  terminateFailed: ["running", "creating", "stopped"],
  watchdogFailed: ["running"],
};

export function readTrouble(text: string | null): PodTrouble | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as PodTrouble;
  } catch {
    return null;
  }
}

export interface Sighting {
  readonly seen: SeenPod;
  readonly at: number;
  readonly slots: number;
  readonly identityFile: string | null;
  /** Of a pod that is not rented and takes no work. */
  readonly drained: string | null;
  /** Last line of the provider's system log, while it comes up. */
  readonly lastSystemLine: string | null;
}

/** What only the lab knows of a pod; a look at its provider changes none of it. */
const ownColumns = (before: PodRow | undefined) => ({
  provider: before?.provider ?? "",
  accepts_work: before?.accepts_work ?? 0,
  created_by_lab: before?.created_by_lab ?? 0,
  max_hours_action: before?.max_hours_action ?? null,
});

/** The columns of a pod as it was seen at `at`, given what they were before. Pure. */
export function columnsOf(before: PodRow | undefined, sighting: Sighting): PodValues {
  const { seen, at } = sighting;
  const kept = before === undefined ? null : readSpec(before.spec);
  const isSame = before?.status === seen.status;
  const since = isSame ? (kept?.statusSince ?? at) : at;
  const costPerHourUsd = sane(seen.costPerHourUsd, 100_000);
  const spec: PodSpec = {
    ...specOf(kept, sighting, { isSame, at: since }),
    formerIds: formerIdsOf(before, seen.providerId),
    runningCostPerHourUsd: runningPrice(kept, seen.status, costPerHourUsd),
  };
  return {
    ...ownColumns(before),
    name: seen.name,
    gpu_type: seen.gpuType,
    gpu_count: seen.gpuCount,
    status: seen.status,
    status_reason: spec.why ?? seen.statusReason ?? sighting.drained,
    slots: sighting.slots,
    cost_per_hour_usd: costPerHourUsd,
    started_at: seen.startedAt,
    provider_id: seen.providerId,
    provider_status: seen.providerStatus,
    trouble: textOf(troubleOf(before, sighting, since)),
    spec: JSON.stringify(spec),
    locked: seen.locked ? 1 : 0,
    max_hours_at: deadlineOf(before, spec, sighting),
    stopped_micros_per_hour: seen.stoppedMicrosPerHour,
    ended_at: seen.status === "terminated" ? (before?.ended_at ?? at) : null,
  };
}

const textOf = (trouble: PodTrouble | null) => (trouble === null ? null : JSON.stringify(trouble));

/** A stopped pod costs 0, and so does one that came up without its GPU: that is no price. */
function runningPrice(kept: PodSpec | null, status: PodStatus, costPerHourUsd: number | null): number | null {
  const isPrice = status === "running" && costPerHourUsd !== null && costPerHourUsd > 0;
  return isPrice ? costPerHourUsd : (kept?.runningCostPerHourUsd ?? null);
}

function formerIdsOf(before: PodRow | undefined, providerId: string): string[] {
  if (before === undefined) return [];
  const { formerIds } = readSpec(before.spec);
  const { provider_id: was } = before;
  return was === null || was === providerId ? formerIds : [...formerIds, was];
}

function specOf(
  kept: PodSpec | null,
  { seen, identityFile }: Sighting,
  since: { isSame: boolean; at: number },
): Omit<PodSpec, "formerIds" | "runningCostPerHourUsd"> {
  const { isSame, at: statusSince } = since;
  return {
    actions: [...seen.actions],
    region: seen.region,
    cloud: seen.cloud,
    image: seen.image,
    diskGb: seen.diskGb,
    volumeGb: seen.volumeGb,
    ssh: seen.ssh,
    sshReason: seen.sshReason,
    ports: seen.ports,
    env: maskEnv(seen.env),
    statusSince,
    maxHours: kept?.maxHours ?? null,
    requestKey: kept?.requestKey ?? null,
    identityFile: identityFile ?? kept?.identityFile ?? null,
    why: isSame ? (kept?.why ?? null) : null,
  };
}

/**
 * Its hours begin when it runs, by the provider's word where that lies between our looks: a wrong clock there moves nothing. A stop
 * ends them; the next start begins anew.
 */
function deadlineOf(
  before: PodRow | undefined,
  { maxHours }: Pick<PodSpec, "maxHours">,
  { seen, at }: Sighting,
): number | null {
  if (maxHours === null || seen.status !== "running") return null;
  if (before?.max_hours_at != null) return before.max_hours_at;
  const earliest = before?.seen_at ?? before?.created_at ?? at;
  const { startedAt } = seen;
  const isBelieved = startedAt !== null && startedAt >= earliest && startedAt <= at;
  return Math.round((isBelieved ? startedAt : at) + maxHours * hourMs);
}

function troubleOf(before: PodRow | undefined, sighting: Sighting, since: number): PodTrouble | null {
  const { seen, at, lastSystemLine } = sighting;
  if (seen.trouble !== null) return seen.trouble;
  const own = readTrouble(before?.trouble ?? null);
  if (own !== null && ownTroubles[own.code]?.includes(seen.status) === true) return own;
  if (seen.status !== "creating" || at - since < neverBootedMs) return null;
  const said = lastSystemLine === null ? "its system log says nothing" : `the last it said: ${lastSystemLine}`;
  return {
    code: "neverBooted",
    message: `has not come up in ${longDuration(at - since)}, and costs all the while: ${said}; stop it, or terminate it and take another image or place`,
  };
}

/** What no machine can be is unknown. */
export function sane(value: number | null | undefined, most: number): number | null {
  return value !== null && value !== undefined && value >= 0 && value <= most ? value : null;
}

/** What differs, of columns that both have. */
export function changesOf(before: PodRow, now: PodValues): Partial<PodValues> {
  const changed = Object.entries(now).filter(([column, value]) => before[column as keyof PodRow] !== value);
  return Object.fromEntries(changed);
}
