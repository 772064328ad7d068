import { fits, type Job, noRules, type Place, type PlanRules, placeOrder, queueOrder } from "./fit.js";

export interface RunningJob {
  readonly podId: string;
  readonly queue: string;
  readonly slots: number;
  /** When it is expected to end; null when nobody knows. */
  readonly etaAt: number | null;
}

export interface QueuedJob extends Job {
  readonly estimatedSeconds: number | null;
}

export interface Forecast {
  /** Where; null: it can't start here. */
  readonly podId: string | null;
  /** null: it depends on something of which no end is known, or it can't start here. */
  readonly startAt: number | null;
  readonly endAt: number | null;
}

const never: Forecast = { podId: null, startAt: null, endAt: null };

interface State {
  readonly rules: PlanRules;
  readonly places: readonly Place[];
  /** When each slot of a place gets free, ascending. */
  readonly slots: ReadonlyMap<string, number[]>;
  /** Until when a place is kept for whoever is first there. */
  readonly keptUntil: Map<string, number>;
  /** Ends of what runs and what is to run, by queue. */
  readonly ends: Map<string, number[]>;
  readonly candidates: (job: Job) => readonly Place[];
}

/**
 * When each queued job is expected to start and end, by playing the queue through as `plan` would. An unknown end never
 * frees its slots: a forecast that could be wrong by any amount is not made. What its queue or its own pause holds back keeps
 * nobody waiting, so it is played after the others.
 */
export function forecast(
  queue: readonly QueuedJob[],
  running: readonly RunningJob[],
  places: readonly Place[],
  rules: PlanRules = noRules,
): ReadonlyMap<string, Forecast> {
  const ends = new Map<string, number[]>();
  for (const { queue: name, etaAt } of running)
    noteEnd(ends, name, etaAt === null ? Infinity : Math.max(rules.now, etaAt));
  const slots = new Map(places.map((place) => [place.podId, slotEnds(place, running, rules.now)]));
  const state: State = { rules, places, slots, keptUntil: new Map(), ends, candidates: candidatesIn(places) };
  const answers = new Map<string, Forecast>();
  const later: QueuedJob[] = [];
  for (const job of queueOrder(queue)) {
    if (allowedFrom(job, state) > rules.now) later.push(job);
    else answers.set(job.id, place(job, state));
  }
  for (const job of later) answers.set(job.id, place(job, state));
  return answers;
}

function noteEnd(ends: Map<string, number[]>, queue: string, at: number): void {
  const known = ends.get(queue);
  if (known === undefined) ends.set(queue, [at]);
  else known.push(at);
}

/** The earliest moment that its queue and its own pause leave it; Infinity: nobody knows. */
function allowedFrom(job: QueuedJob, { rules, ends }: State): number {
  const queue = rules.queues.get(job.queue);
  if (queue?.isPaused === true || rules.paused(job) !== null) return Infinity;
  const due = Math.max(rules.now, job.notBeforeAt ?? 0);
  const concurrency = queue?.concurrency ?? null;
  const taken = ends.get(job.queue) ?? [];
  if (concurrency === null || taken.length < concurrency) return due;
  // As many as may run leave one after the other: the next one comes when all but `concurrency - 1` of them have ended.
  const free = [...taken].sort((a, b) => a - b)[taken.length - concurrency] ?? Infinity;
  return Math.max(due, free);
}

function soonest(job: QueuedJob, { slots, keptUntil, rules, candidates }: State) {
  let best: { podId: string; at: number } | undefined;
  for (const { podId } of candidates(job)) {
    const at = Math.max(startOn(slots.get(podId) ?? [], job.slots), keptUntil.get(podId) ?? rules.now);
    if (best === undefined || at < best.at) best = { podId, at };
  }
  return best;
}

function place(job: QueuedJob, state: State): Forecast {
  const { slots, keptUntil, rules, ends } = state;
  const from = allowedFrom(job, state);
  if (from === Infinity) return never;
  const best = soonest(job, state);
  if (best === undefined) return never;
  // Nobody overtakes: a later job of this place starts no sooner.
  if (from <= rules.now) keptUntil.set(best.podId, best.at);
  if (best.at === Infinity) return { ...never, podId: best.podId };
  const startAt = Math.max(from, best.at);
  const endAt = job.estimatedSeconds === null ? Infinity : startAt + job.estimatedSeconds * 1000;
  occupy(slots.get(best.podId) ?? [], job.slots, endAt);
  noteEnd(ends, job.queue, endAt);
  return { podId: best.podId, startAt, endAt: endAt === Infinity ? null : endAt };
}

/** Where a job may start, in the plan's order; looked up once for jobs that ask for the same. */
function candidatesIn(places: readonly Place[]): (job: Job) => readonly Place[] {
  const known = new Map<string, readonly Place[]>();
  return (job) => {
    const { labId, computeMode, slots, pinnedPodId } = job;
    const pinned = places.find(({ podId }) => podId === pinnedPodId);
    if (pinned !== undefined) {
      const takes = pinned.unavailable === null && pinned.acceptsWork && pinned.slots >= slots;
      return takes ? [pinned] : [];
    }
    const key = `${labId} ${computeMode} ${slots}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const open = places.filter(
      (place) =>
        place.unavailable === null &&
        place.acceptsWork &&
        place.byHand === null &&
        place.slots >= slots &&
        fits(place, job),
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
