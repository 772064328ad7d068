import type { ComputeMode } from "../../contract/experiment.js";

/** A queued experiment, as far as the plan cares. */
export interface Job {
  readonly id: string;
  /** Position: 0 = critical … 3 = low. */
  readonly rank: number;
  /** Order of creation within a rank. */
  readonly createdAt: number;
  readonly computeMode: ComputeMode;
  readonly slots: number;
  /** `EXP-054`, for the reasons of others. */
  readonly displayId: string;
  /** Why it waits, as it is stored now: a reason that has not changed is not decided again. */
  readonly statusReason: string | null;
}

/** A place where experiments run. */
export interface Place {
  readonly podId: string;
  readonly name: string;
  /** False while it drains. */
  readonly acceptsWork: boolean;
  readonly slots: number;
  readonly slotsUsed: number;
  /** Names of its GPUs, as their driver says them. */
  readonly gpus: readonly string[];
  /** Takes jobs for a GPU whatever it has: somebody configured it so. */
  readonly takesAnyGpu: boolean;
}

export type Decision =
  | { readonly type: "start"; readonly id: string; readonly podId: string }
  | { readonly type: "wait"; readonly id: string; readonly reason: string };

/** Priority first, then age. */
export function queueOrder(jobs: readonly Job[]): Job[] {
  return [...jobs].sort((a, b) => a.rank - b.rank || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

/** Whether a place is of the kind that a job asks for. */
export function suits(place: Place, mode: ComputeMode): boolean {
  return mode === "CPU" || place.takesAnyGpu || place.gpus.some((name) => name.toUpperCase().includes(mode));
}

/**
 * What starts now, and why the others wait. Only changes are decided.
 *
 * Nobody is overtaken: when the first job of a place does not fit its free slots, the place is kept for it and later jobs
 * wait behind it. So a job of many slots is never starved by small ones, at the price of slots that stand empty meanwhile.
 * Jobs that no place could ever take keep nobody waiting.
 */
export function plan(jobs: readonly Job[], places: readonly Place[]): Decision[] {
  const free = new Map(places.map((place) => [place.podId, place.slots - place.slotsUsed]));
  const keptFor = new Map<string, string>();
  const decisions: Decision[] = [];
  for (const job of queueOrder(jobs)) {
    const choice = choose(job, places, { free, keptFor });
    if ("podId" in choice) {
      free.set(choice.podId, (free.get(choice.podId) ?? 0) - job.slots);
      decisions.push({ type: "start", id: job.id, podId: choice.podId });
    } else if (choice.reason !== job.statusReason) {
      decisions.push({ type: "wait", id: job.id, reason: choice.reason });
    }
  }
  return decisions;
}

interface Booking {
  readonly free: Map<string, number>;
  /** Places whose first job in line does not fit yet, with its display id. */
  readonly keptFor: Map<string, string>;
}

type Choice = { readonly podId: string } | { readonly reason: string };

function choose(job: Job, places: readonly Place[], booking: Booking): Choice {
  const suitable = places.filter((place) => suits(place, job.computeMode));
  if (suitable.length === 0) {
    return { reason: job.computeMode === "CPU" ? "no pod here" : `no pod with ${job.computeMode} here` };
  }
  const large = suitable.filter(({ slots }) => slots >= job.slots);
  if (large.length === 0) {
    const most = Math.max(...suitable.map(({ slots }) => slots));
    return { reason: `needs ${job.slots} slots, the largest pod has ${most}` };
  }
  const open = large.filter(({ acceptsWork }) => acceptsWork);
  if (open.length === 0) return { reason: `${large.map(({ name }) => name).join(", ")} is drained` };
  return book(job, open, booking);
}

/** The first place with room that is not kept for somebody; without one, all of them are kept for this job from now on. */
function book(job: Job, open: readonly Place[], { free, keptFor }: Booking): Choice {
  const freeOf = ({ podId }: Place) => free.get(podId) ?? 0;
  const unkept = open.filter(({ podId }) => !keptFor.has(podId));
  const ready = unkept.find((place) => freeOf(place) >= job.slots);
  if (ready !== undefined) return { podId: ready.podId };
  for (const { podId } of unkept) keptFor.set(podId, job.displayId);
  const [first] = unkept;
  if (first !== undefined) return { reason: noRoom(job, freeOf(first)) };
  return { reason: `behind ${keptFor.get(open[0]?.podId ?? "") ?? "another"}` };
}

function noRoom(job: Job, freeSlots: number): string {
  const kind = job.computeMode === "CPU" ? "CPU slot" : "slot";
  return job.slots === 1 ? `no free ${kind}` : `needs ${job.slots} ${kind}s, ${Math.max(0, freeSlots)} free`;
}
