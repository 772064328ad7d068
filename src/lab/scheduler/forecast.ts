import { fits, type Job, type Place, placeOrder, queueOrder } from "./fit.js";

export interface RunningJob {
  readonly podId: string;
  readonly slots: number;
  /** When it is expected to end; null when nobody knows. */
  readonly etaAt: number | null;
}

export interface QueuedJob extends Job {
  readonly estimatedSeconds: number | null;
}

export interface Forecast {
  /** null: it depends on something of which no end is known, or it can't start here. */
  readonly startAt: number | null;
  readonly endAt: number | null;
}

/**
 * When each queued job is expected to start and end, by playing the queue through as `plan` would. An unknown end never
 * frees its slots: a forecast that could be wrong by any amount is not made.
 */
export function forecast(
  queue: readonly QueuedJob[],
  running: readonly RunningJob[],
  places: readonly Place[],
  now: number,
): ReadonlyMap<string, Forecast> {
  const slots = new Map(places.map((place) => [place.podId, slotEnds(place, running, now)]));
  const answers = new Map<string, Forecast>();
  const keptUntil = new Map<string, number>();
  const candidates = candidatesIn(places);
  const soonest = (job: Job) => {
    let best: { podId: string; at: number } | undefined;
    for (const { podId } of candidates(job)) {
      const at = Math.max(startOn(slots.get(podId) ?? [], job.slots), keptUntil.get(podId) ?? now);
      if (best === undefined || at < best.at) best = { podId, at };
    }
    return best;
  };
  for (const job of queueOrder(queue)) {
    const best = soonest(job);
    // Nobody overtakes: a later job of this place starts no sooner.
    if (best !== undefined) keptUntil.set(best.podId, best.at);
    if (best === undefined || best.at === Infinity) {
      answers.set(job.id, { startAt: null, endAt: null });
      continue;
    }
    const endAt = job.estimatedSeconds === null ? Infinity : best.at + job.estimatedSeconds * 1000;
    occupy(slots.get(best.podId) ?? [], job.slots, endAt);
    answers.set(job.id, { startAt: best.at, endAt: endAt === Infinity ? null : endAt });
  }
  return answers;
}

/** Where a job may start, in the plan's order; looked up once for jobs that ask for the same. */
function candidatesIn(places: readonly Place[]): (job: Job) => readonly Place[] {
  const known = new Map<string, readonly Place[]>();
  return (job) => {
    const { computeMode, slots, pinnedPodId } = job;
    const pinned = places.find(({ podId }) => podId === pinnedPodId);
    if (pinned !== undefined) {
      const takes = pinned.unavailable === null && pinned.acceptsWork && pinned.slots >= slots;
      return takes ? [pinned] : [];
    }
    const key = `${computeMode} ${slots}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const open = places.filter(
      (place) =>
        place.unavailable === null &&
        place.acceptsWork &&
        place.byHand === null &&
        place.slots >= slots &&
        fits(place, computeMode),
    );
    const ordered = placeOrder(open, computeMode);
    known.set(key, ordered);
    return ordered;
  };
}

/** When each slot of a place gets free, ascending. An end that is overdue is expected now. */
function slotEnds(place: Place, running: readonly RunningJob[], now: number): number[] {
  const ends = running
    .filter(({ podId }) => podId === place.podId)
    .flatMap(({ slots, etaAt }) => Array<number>(slots).fill(etaAt === null ? Infinity : Math.max(now, etaAt)))
    .slice(0, place.slots);
  return [...Array<number>(place.slots - ends.length).fill(now), ...ends].sort((a, b) => a - b);
}

const startOn = (ends: readonly number[], slots: number) => ends[slots - 1] ?? Infinity;

function occupy(ends: number[], slots: number, until: number): void {
  ends.splice(0, slots, ...Array<number>(slots).fill(until));
  ends.sort((a, b) => a - b);
}
