import type { ComputeMode } from "../../contract/experiment.js";

/** A queued experiment, as far as the plan cares. */
export interface Job {
  readonly id: string;
  /** Document id. */
  readonly labId: string;
  /** Position: 0 = critical … 3 = low. */
  readonly rank: number;
  /** Its queue in `PlanRules.queues`, by `queueKey`. */
  readonly queue: string;
  /** Of two of the same rank the one whose queue has the lower place is first. */
  readonly queuePlace: number;
  /** Order of creation within a rank and queue. */
  readonly createdAt: number;
  /** It does not start before, ms; null: at once. */
  readonly notBeforeAt: number | null;
  readonly computeMode: ComputeMode;
  readonly slots: number;
  /** `EXP-054`, for the reasons of others. */
  readonly displayId: string;
  /** Why it waits, as it is stored now: a reason that has not changed is not decided again. */
  readonly statusReason: string | null;
  /** Somebody put it on this pod. */
  readonly pinnedPodId: string | null;
}

/** A place where experiments run. */
export interface Place {
  readonly podId: string;
  /** The one lab that it serves; null: every lab. */
  readonly labId: string | null;
  readonly name: string;
  readonly provider: string;
  /** It costs money by the hour, whether it works or not. */
  readonly rents: boolean;
  readonly region: string | null;
  /** null: unknown; an own machine costs nothing more. */
  readonly costPerHourUsd: number | null;
  /** False while it drains. */
  readonly acceptsWork: boolean;
  /** Why nothing can start there now: `is stopped`, `no direct ssh`. null: it can. */
  readonly unavailable: string | null;
  /** Why it takes only what somebody puts there. null: it takes whatever fits. */
  readonly byHand: string | null;
  /** What an experiment is told that starts there by itself, `auto-schedule: sweep-1 idle 47 min`. null: it is nothing to speak of. */
  readonly autoReason: string | null;
  readonly slots: number;
  readonly slotsUsed: number;
  /** Minutes without work; 0: it works, null: unknown. */
  readonly idleMinutes: number | null;
  /** Names of its GPUs, as their driver or provider says them. */
  readonly gpus: readonly string[];
  /** Takes jobs for a GPU whatever it has: somebody configured it so. */
  readonly takesAnyGpu: boolean;
  /** False for a rented GPU, which is too dear for what needs none. */
  readonly takesCpuJobs: boolean;
}

/** A queue as it stands. */
export interface QueueRule {
  readonly name: string;
  readonly isPaused: boolean;
  /** At most so many of it run at once; null: as many as there is room for. */
  readonly concurrency: number | null;
  readonly running: number;
}

/** What the plan heeds beside jobs and places. */
export interface PlanRules {
  /** ms. */
  readonly now: number;
  /** By `queueKey`; one that is not named is neither paused nor limited. */
  readonly queues: ReadonlyMap<string, QueueRule>;
  readonly paused: Paused;
}

/** Why nothing of a job's lab starts now, `budget of November is used up`; null: it may. */
export type Paused = (job: Pick<Job, "labId">) => string | null;

export const noRules: PlanRules = { now: 0, queues: new Map(), paused: () => null };

/** `queueId` is null for the lab's `default`. */
export const queueKey = (labId: string, queueId: string | null): string => queueId ?? `default:${labId}`;

/** What somebody put on a place first; then priority, then the queue's place, then age. */
export function queueOrder<Any extends Job>(jobs: readonly Any[]): Any[] {
  const isFree = ({ pinnedPodId }: Job) => (pinnedPodId === null ? 1 : 0);
  return [...jobs].sort(
    (a, b) =>
      isFree(a) - isFree(b) ||
      a.rank - b.rank ||
      a.queuePlace - b.queuePlace ||
      a.createdAt - b.createdAt ||
      (a.id < b.id ? -1 : 1),
  );
}

/** Whether a place serves the job's lab, and is of the kind that it asks for. */
export function fits(place: Place, { labId, computeMode: mode }: Pick<Job, "labId" | "computeMode">): boolean {
  if (place.labId !== null && place.labId !== labId) return false;
  if (mode === "CPU") return place.takesCpuJobs;
  return place.takesAnyGpu || place.gpus.some((name) => name.toUpperCase().includes(mode));
}

/** Cheapest first; own machines cost nothing more, unknown prices come last. What needs no GPU goes where there is none first. */
export function placeOrder(places: readonly Place[], mode: ComputeMode): Place[] {
  const price = ({ rents, costPerHourUsd }: Place) => (rents ? (costPerHourUsd ?? Infinity) : 0);
  const isWasted = ({ gpus }: Place) => (mode === "CPU" && gpus.length > 0 ? 1 : 0);
  const isElsewhere = ({ provider }: Place) => (provider === "local" ? 0 : 1);
  // Infinity − Infinity is NaN, which is no order: equal prices are compared as equal.
  const byPrice = (a: Place, b: Place) => (price(a) === price(b) ? 0 : price(a) - price(b));
  const byUse = (a: Place, b: Place) =>
    mode === "CPU" ? isElsewhere(a) - isElsewhere(b) || isWasted(a) - isWasted(b) : 0;
  return [...places].sort((a, b) => byUse(a, b) || byPrice(a, b) || isElsewhere(a) - isElsewhere(b));
}
