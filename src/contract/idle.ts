import type { GpuSample } from "./pod.js";

/** From where on something counts as work, percent. */
export interface IdleRules {
  /** A GPU at or below this does nothing that anybody pays for. */
  readonly gpuIdlePercent: number;
  /** The host of an idle GPU may do this much beside: an agent, a shell, a notebook that waits. */
  readonly cpuIdlePercent: number;
  /** GPU memory from here on is held by somebody: an idle GPU holds less than 1 %. */
  readonly heldMemoryPercent: number;
}

export const idleRules: IdleRules = { gpuIdlePercent: 5, cpuIdlePercent: 10, heldMemoryPercent: 10 };

/** What is known of a pod's work at one moment. null is unknown, and unknown is never idle. */
export interface WorkSeen {
  readonly at: number;
  /** Slots that experiments of this lab have on it. */
  readonly slotsUsed: number | null;
  readonly gpuCount: number;
  readonly gpus: readonly GpuSample[];
  readonly gpuUtilPercent: number | null;
  readonly gpuMemoryPercent: number | null;
  readonly cpuPercent: number | null;
  /** This machine is somebody's desk: only experiments and GPUs count as work there. */
  readonly isThisMachine: boolean;
  /** ms; when its container came up. Nothing before it belongs to this life. */
  readonly upSince: number | null;
  /** Samples further apart say nothing of the time between. */
  readonly maxGapMs: number;
}

/** Since when a pod has no work, as far as our own samples tell. */
export interface IdleState {
  readonly work: "working" | "idle" | "unknown";
  /** When the present stretch began. */
  readonly since: number;
  readonly lastAt: number;
  readonly maxGapMs: number;
  /** Somebody's program sits in the GPU's memory. */
  readonly holdsMemory: boolean;
}

/** How it is shown. All null: unknown. `idleMinutes` 0 and no `idleSince`: it works. */
export interface Idle {
  readonly idleSince: number | null;
  readonly idleMinutes: number | null;
  readonly idleReason: string | null;
}

export const unknownIdle: Idle = { idleSince: null, idleMinutes: null, idleReason: null };

/** Uptimes are whole seconds and come with the delay of a request. */
const uptimeSlackMs = 2_000;
/** How late a sample may come beside the pace it was asked at. */
const paceSlackMs = 2_000;

/** One look that failed is forgiven, two are a gap. */
export function maxGapMs(everyMs: number): number {
  return 2 * everyMs + paceSlackMs;
}

/** A pod works while an experiment has a slot of it, one of its GPUs is busy or its host is. */
export function workOf(seen: Omit<WorkSeen, "at">, rules: IdleRules = idleRules): IdleState["work"] {
  const { slotsUsed, isThisMachine, cpuPercent, gpus } = seen;
  const utils = gpus.length > 0 ? gpus.map(({ utilPercent }) => utilPercent) : [seen.gpuUtilPercent];
  const gpuWorks = utils.some((util) => isAbove(util, rules.gpuIdlePercent));
  if (gpuWorks || isAbove(slotsUsed, 0)) return "working";
  if (isThisMachine) return slotsUsed === null && utils.every((util) => util === null) ? "unknown" : "idle";
  if (isAbove(cpuPercent, rules.cpuIdlePercent)) return "working";
  return isKnownIdle(seen, utils) ? "idle" : "unknown";
}

/** Nothing that is known works: whether enough is known. A GPU that is not told of may be the one that computes. */
function isKnownIdle({ gpuCount, gpus, cpuPercent }: Omit<WorkSeen, "at">, utils: readonly (number | null)[]): boolean {
  if (gpuCount === 0) return cpuPercent !== null;
  return !utils.includes(null) && (gpus.length === 0 || gpus.length >= gpuCount);
}

const isAbove = (percent: number | null, limit: number) => percent !== null && percent > limit;

function holdsMemory({ gpus, gpuMemoryPercent }: WorkSeen, rules: IdleRules): boolean {
  const held = gpus.length > 0 ? gpus.map(({ memoryPercent }) => memoryPercent) : [gpuMemoryPercent];
  return held.some((percent) => percent !== null && percent >= rules.heldMemoryPercent);
}

/** The stretch goes on, or begins anew: after a gap, a restart of the container, or when work came or went. */
export function nextIdle(before: IdleState | null, seen: WorkSeen, rules: IdleRules = idleRules): IdleState {
  const work = workOf(seen, rules);
  const goesOn =
    before?.work === work &&
    seen.at >= before.lastAt &&
    seen.at - before.lastAt <= seen.maxGapMs &&
    (seen.upSince === null || seen.upSince <= before.since + uptimeSlackMs);
  return {
    work,
    since: goesOn ? before.since : seen.at,
    lastAt: seen.at,
    maxGapMs: seen.maxGapMs,
    holdsMemory: holdsMemory(seen, rules),
  };
}

/** As it is now; unknown when the last sample is old, and while the pod is younger than `youngUntil`: it is being set up. */
export function idleAt(state: IdleState | null, now: number, youngUntil: number | null = null): Idle {
  if (state === null || state.work === "unknown" || Math.abs(now - state.lastAt) > state.maxGapMs) return unknownIdle;
  if (state.work === "working") return { idleSince: null, idleMinutes: 0, idleReason: null };
  if (youngUntil !== null && now < youngUntil) return unknownIdle;
  return {
    idleSince: state.since,
    idleMinutes: Math.max(0, (now - state.since) / 60_000),
    idleReason: state.holdsMemory ? "memory held, no work" : null,
  };
}

/** What the present idle stretch has cost; null where it works, or price or idle time are unknown. */
export function wastedUsd(costPerHourUsd: number | null, { idleSince, idleMinutes }: Idle): number | null {
  if (costPerHourUsd === null || idleSince === null || idleMinutes === null) return null;
  return (costPerHourUsd * idleMinutes) / 60;
}
