import { type Job, type Place, queueOrder, suits } from "./plan.js";

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
  for (const job of queueOrder(queue) as QueuedJob[]) {
    const best = places
      .filter((place) => place.acceptsWork && suits(place, job.computeMode) && place.slots >= job.slots)
      .map(({ podId }) => ({
        podId,
        at: Math.max(startOn(slots.get(podId) ?? [], job.slots), keptUntil.get(podId) ?? now),
      }))
      .sort((a, b) => a.at - b.at)[0];
    if (best === undefined || best.at === Infinity) {
      if (best !== undefined) keptUntil.set(best.podId, Infinity);
      answers.set(job.id, { startAt: null, endAt: null });
      continue;
    }
    const endAt = job.estimatedSeconds === null ? Infinity : best.at + job.estimatedSeconds * 1000;
    // Nobody overtakes: a later job of this place starts no sooner.
    keptUntil.set(best.podId, best.at);
    occupy(slots.get(best.podId) ?? [], job.slots, endAt);
    answers.set(job.id, { startAt: best.at, endAt: endAt === Infinity ? null : endAt });
  }
  return answers;
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
