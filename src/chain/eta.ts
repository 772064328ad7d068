import { median } from "./median.js";

/** One convergence test: Gelman–Rubin R-1 after `step` accepted steps, seen at `at` (ms UTC). */
export interface Checkpoint {
  readonly step: number;
  readonly value: number;
  readonly at: number;
}

/** When a chain will have converged, always as a range; ms from the `nowMs` it was asked for. */
export interface EtaRange {
  readonly lowMs: number;
  readonly highMs: number;
  /** Accepted steps at which R-1 is expected under its target, in the unit of the checkpoints. */
  readonly lowSteps: number;
  readonly highSteps: number;
  /** R-1 rose at the last checkpoint, so that the range was widened. */
  readonly rising: boolean;
}

/** Below this many checkpoints no estimate is worth showing. */
export const minCheckpoints = 6;

// With the slope fixed at -1, eight test runs of 6-D Gaussians needed between 1/2.2 and 1/0.8 of the predicted steps.
const overestimate = 2.2;
const underestimate = 0.8;
const risingWidens = 2;

/**
 * log R-1 falls about as -log N, so N·R is constant and N_stop = median(N·R) / target over the last half of the
 * checkpoints. A fitted slope would be off by factors of up to nine. null: too early, or no pace to extrapolate.
 */
export function estimateEta(checkpoints: readonly Checkpoint[], target: number, nowMs: number): EtaRange | null {
  const usable = checkpoints.filter(({ step, value }) => step > 0 && value > 0 && Number.isFinite(value));
  if (usable.length < minCheckpoints || !(target > 0)) return null;
  const recent = usable.slice(Math.floor(usable.length / 2));
  const last = recent.at(-1);
  const msPerStep = paceMs(recent);
  if (last === undefined || msPerStep === null) return null;

  const predicted = Math.exp(median(recent.map(({ step, value }) => Math.log(value) + Math.log(step))) ?? 0) / target;
  const rising = last.value > (recent.at(-2)?.value ?? Infinity);
  // The stop rule wants two tests in a row, so at least one more is ahead.
  const soonest = last.step + (median(gaps(recent, ({ step }) => step)) ?? 0);
  const lowSteps = Math.max(soonest, predicted / overestimate);
  const highSteps = Math.max(soonest, (predicted / underestimate) * (rising ? risingWidens : 1), lowSteps);
  const until = (steps: number) => Math.max(0, (steps - last.step) * msPerStep - Math.max(0, nowMs - last.at));
  return { lowMs: until(lowSteps), highMs: until(highSteps), lowSteps, highSteps, rising };
}

/** Median over the gaps, so that a pause of the whole run counts once and not for ever. */
function paceMs(checkpoints: readonly Checkpoint[]): number | null {
  const paces: number[] = [];
  checkpoints.forEach((next, index) => {
    const before = checkpoints[index - 1];
    if (before !== undefined && next.step > before.step && next.at > before.at)
      paces.push((next.at - before.at) / (next.step - before.step));
  });
  return median(paces);
}

function gaps<T>(items: readonly T[], of: (item: T) => number): number[] {
  return items.slice(1).map((item, index) => of(item) - of(items[index] ?? item));
}
