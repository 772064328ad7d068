import type { PodStatus } from "../../contract/pod.js";
import type { Slice } from "./charge.js";

/** A pod as somebody has just seen it, as far as money cares. */
export interface PodSeen {
  readonly podId: string;
  readonly status: PodStatus;
  /** While it runs. null: unknown. */
  readonly costMicrosPerHour: number | null;
  /** Of its disk, while it is stopped. null: unknown. */
  readonly stoppedMicrosPerHour: number | null;
  /** Has no work now; null: nobody knows. */
  readonly idle: boolean | null;
  readonly slots: number;
  readonly gpuCount: number;
}

/** How it was seen the last time. */
export interface Meter extends Pick<PodSeen, "podId" | "costMicrosPerHour" | "stoppedMicrosPerHour" | "idle"> {
  readonly at: number;
  readonly status: string;
}

/** Looks further apart than this say nothing of what was between, unless both saw the same. */
export const maxGapMs = 5 * 60_000;
/** A clock that was set back by more than this was wrong before. */
const maxBackwardsMs = 24 * 3_600_000;

/**
 * The stretch between two looks at a pod, at the price of the first. A state is taken to have lasted until the next look. After a gap
 * (the lab was down, the provider silent) only what was seen running at both ends is taken to have run between, and what was seen
 * stopped at both ends to have been stopped; anything else stays unknown until the bill tells.
 */
export function sliceBetween(meter: Meter, seen: PodSeen, at: number): Slice | null {
  if (at <= meter.at) return null;
  const isGap = at - meter.at > maxGapMs;
  const pays = meter.status === "running" ? "machine" : meter.status === "stopped" ? "disk" : null;
  if (pays === null) return null;
  const known = pays === "machine" ? meter.costMicrosPerHour : meter.stoppedMicrosPerHour;
  const { podId, slots, gpuCount } = seen;
  return {
    podId,
    fromMs: meter.at,
    toMs: at,
    pays,
    microsPerHour: isGap && meter.status !== seen.status ? null : known,
    idle: !isGap && meter.idle === true && seen.idle === true,
    slots,
    gpuCount,
  };
}

/** What the next look starts from. Time that was paid is not paid again when the clock is set back a little. */
export function nextMeter(meter: Meter | undefined, seen: PodSeen, at: number): Meter {
  const isBehind = meter !== undefined && at < meter.at && meter.at - at <= maxBackwardsMs;
  const { podId, status, costMicrosPerHour, stoppedMicrosPerHour, idle } = seen;
  return { podId, status, costMicrosPerHour, stoppedMicrosPerHour, idle, at: isBehind ? meter.at : at };
}
