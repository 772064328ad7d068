/** A GPU below this does no work that anybody pays for. */
const workingGpuPercent = 5;

/** Since when a pod has no work, as far as its samples tell. */
export interface IdleState {
  readonly work: "working" | "idle" | "unknown";
  /** When the idle stretch began; only while idle. */
  readonly since: number;
  readonly lastAt: number;
}

interface Sample {
  readonly at: number;
  readonly slotsUsed: number | null;
  readonly gpuUtilPercent: number | null;
}

/** A pod works while an experiment has a slot of it or a GPU is busy. Without either number nobody knows. */
export function workOf({ slotsUsed, gpuUtilPercent }: Omit<Sample, "at">): IdleState["work"] {
  if ((slotsUsed ?? 0) > 0 || (gpuUtilPercent ?? 0) >= workingGpuPercent) return "working";
  return slotsUsed === null && gpuUtilPercent === null ? "unknown" : "idle";
}

/** Samples further apart than `maxGapMs` say nothing of the time between: an idle stretch begins anew. */
export function nextIdle(before: IdleState | null, sample: Sample, maxGapMs: number): IdleState {
  const work = workOf(sample);
  const goesOn = before?.work === work && sample.at >= before.lastAt && sample.at - before.lastAt <= maxGapMs;
  return { work, since: goesOn ? before.since : sample.at, lastAt: sample.at };
}

/** Minutes without work: 0 while working, null when unknown or when the last sample is old. */
export function idleMinutes(state: IdleState | null, now: number, maxGapMs: number): number | null {
  if (state === null || state.work === "unknown" || Math.abs(now - state.lastAt) > maxGapMs) return null;
  return state.work === "working" ? 0 : Math.max(0, (now - state.since) / 60_000);
}
