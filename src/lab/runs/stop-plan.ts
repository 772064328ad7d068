/** A run that was asked to stop. `askedAt` and `termAt` are monotonic ms. */
export interface StopRequest {
  /** For the experiment's result: `cancelled`, `stopped after its longest wall time of 2 h`. */
  readonly reason: string;
  readonly graceMs: number;
  /** When TERM reached somebody; null before. */
  readonly termAt: number | null;
  readonly killed: boolean;
}

/** After a KILL, what is left is beyond signals (uninterruptible sleep): it is not waited for any longer than this. */
const unkillableMs = 5000;

/**
 * ```
 * asked ──TERM──► grace ──over, somebody alive──► KILL ──► ended
 *                   └──────everybody gone──────────────────┘
 * ```
 * Nobody is left when the command ended and no process carries the run's marker any more.
 */
export function nextStop(stop: StopRequest, alive: boolean, nowMs: number): "term" | "kill" | "wait" | "over" {
  if (!alive) return "over";
  if (stop.termAt === null) return "term";
  const sinceMs = nowMs - stop.termAt;
  if (sinceMs < stop.graceMs) return "wait";
  if (!stop.killed) return "kill";
  return sinceMs < stop.graceMs + unkillableMs ? "wait" : "over";
}
