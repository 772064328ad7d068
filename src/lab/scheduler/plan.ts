import { fits, type Job, noRules, type Place, type PlanRules, placeOrder, queueOrder } from "./fit.js";
import { heldBack, startsOf } from "./hold-back.js";
import { type Proposal, propose } from "./propose.js";

export type Decision =
  | {
      readonly type: "start";
      readonly id: string;
      readonly podId: string;
      /** Why there, where nobody put it: for a machine that costs money. null: an own machine. */
      readonly reason: string | null;
    }
  | { readonly type: "wait"; readonly id: string; readonly reason: string };

export interface Plan {
  /** Only changes: a reason that stands is not decided again. */
  readonly decisions: readonly Decision[];
  /** What a person could put on which idle pod. */
  readonly proposals: readonly Proposal[];
}

/**
 * What starts now, and why the others wait.
 *
 * Nobody is overtaken: when the first job of a place does not fit its free slots, the place is kept for it and later jobs
 * wait behind it. So a job of many slots is never starved by small ones, at the price of slots that stand empty meanwhile.
 * Jobs that no place could ever take keep nobody waiting, nor does what its queue or its own pause holds back. A job that was put on
 * a place starts there, before all others.
 */
export function plan(jobs: readonly Job[], places: readonly Place[], rules: PlanRules = noRules): Plan {
  const booking = bookingOf(places);
  const starts = startsOf(rules);
  const choices = queueOrder(jobs).map((job) => {
    const held = heldBack(job, rules, starts);
    const choice: Choice = held === null ? choose(job, places, booking) : { reason: held };
    if ("podId" in choice) starts.note(job);
    return { job, choice, isHeld: held !== null };
  });
  const waiting = choices.flatMap(({ job, choice, isHeld }) => ("podId" in choice || isHeld ? [] : [job]));
  const taken = new Set(choices.flatMap(({ choice }) => ("podId" in choice ? [choice.podId] : [])));
  const vacant = places.filter(({ podId }) => !taken.has(podId));
  const proposals = propose(waiting, vacant);
  const proposed = new Map(proposals.map((proposal) => [proposal.id, proposal]));
  const decisions = choices.flatMap(({ job, choice }): Decision[] => {
    if ("podId" in choice) return [{ type: "start", id: job.id, ...choice }];
    const offer = choice.waitsForHand ? proposed.get(job.id) : undefined;
    const reason = offer?.waits ?? choice.reason;
    return reason === job.statusReason ? [] : [{ type: "wait", id: job.id, reason }];
  });
  return { decisions, proposals };
}

interface Booking {
  readonly free: Map<string, number>;
  /** Places whose first job in line does not fit yet, with its display id. */
  readonly keptFor: Map<string, string>;
  /** Fitting places in order by lab and what is asked for: thousands of jobs ask for few different things. */
  readonly fitting: Map<string, readonly Place[]>;
}

const bookingOf = (places: readonly Place[]): Booking => ({
  free: new Map(places.map((place) => [place.podId, place.slots - place.slotsUsed])),
  keptFor: new Map(),
  fitting: new Map(),
});

type Choice =
  | { readonly podId: string; readonly reason: string | null }
  /** `waitsForHand`: only rented places could take it, and those take what somebody puts there. */
  | { readonly reason: string; readonly waitsForHand?: boolean };

function choose(job: Job, places: readonly Place[], booking: Booking): Choice {
  const pinned = places.find(({ podId }) => podId === job.pinnedPodId);
  if (pinned !== undefined) return choosePinned(job, pinned, booking);
  const kind = `${job.labId} ${job.computeMode}`;
  let suitable = booking.fitting.get(kind);
  if (suitable === undefined) {
    suitable = placeOrder(
      places.filter((place) => fits(place, job)),
      job.computeMode,
    );
    booking.fitting.set(kind, suitable);
  }
  const narrowed = narrow(job, suitable);
  return "reason" in narrowed ? narrowed : book(job, narrowed.open, booking);
}

/** Where it could start if there were room; or why nowhere. */
function narrow(
  job: Job,
  suitable: readonly Place[],
): { readonly open: readonly Place[] } | (Choice & { reason: string }) {
  if (suitable.length === 0) {
    return { reason: job.computeMode === "CPU" ? "no pod here" : `no pod with ${job.computeMode} here` };
  }
  const ready = suitable.filter(({ unavailable }) => unavailable === null);
  if (ready.length === 0)
    return { reason: named(suitable, ({ name, unavailable }) => `${name}: ${unavailable ?? ""}`) };
  const large = ready.filter(({ slots }) => slots >= job.slots);
  if (large.length === 0) {
    const most = Math.max(...ready.map(({ slots }) => slots));
    return { reason: `needs ${job.slots} slots, the largest pod has ${most}` };
  }
  const open = large.filter(({ acceptsWork, byHand }) => acceptsWork && byHand === null);
  if (open.length > 0) return { open };
  const byHand = large.filter((place) => place.byHand !== null);
  if (byHand.length > 0) {
    return {
      reason: `waits: d deploys it: ${named(byHand, (place) => `${place.name} (${place.byHand ?? ""})`)}`,
      waitsForHand: true,
    };
  }
  return { reason: `${named(large, ({ name }) => name, ", ")} is drained` };
}

/** The first two, and how many more. */
function named(places: readonly Place[], words: (place: Place) => string, separator = "; "): string {
  const shown = places.slice(0, 2).map(words).join(separator);
  return places.length > 2 ? `${shown}${separator}${places.length - 2} more` : shown;
}

/** Somebody chose the place: the kind of its GPU is theirs to judge. */
function choosePinned(job: Job, place: Place, { free, keptFor }: Booking): Choice {
  const onto = `deployed on ${place.name}`;
  if (place.unavailable !== null) return { reason: `${onto}: ${place.unavailable}` };
  if (!place.acceptsWork) return { reason: `${onto}: it ${place.rents ? "takes no work now" : "is drained"}` };
  if (place.slots < job.slots) return { reason: `${onto}: needs ${job.slots} slots, it has ${place.slots}` };
  const freeSlots = free.get(place.podId) ?? 0;
  const before = keptFor.get(place.podId);
  if (before !== undefined) return { reason: `${onto}: behind ${before}` };
  if (freeSlots < job.slots) {
    keptFor.set(place.podId, job.displayId);
    return { reason: `${onto}: ${noRoom(job, freeSlots)}` };
  }
  free.set(place.podId, freeSlots - job.slots);
  return { podId: place.podId, reason: onto };
}

/** The first place with room that is not kept for somebody; without one, all of them are kept for this job from now on. */
function book(job: Job, open: readonly Place[], { free, keptFor }: Booking): Choice {
  const freeOf = ({ podId }: Place) => free.get(podId) ?? 0;
  const unkept = open.filter(({ podId }) => !keptFor.has(podId));
  const ready = unkept.find((place) => freeOf(place) >= job.slots);
  if (ready !== undefined) {
    free.set(ready.podId, freeOf(ready) - job.slots);
    return { podId: ready.podId, reason: ready.autoReason === null ? null : `${ready.autoReason}, ${fitWords(job)}` };
  }
  for (const { podId } of unkept) keptFor.set(podId, job.displayId);
  const [first] = unkept;
  if (first !== undefined) return { reason: noRoom(job, freeOf(first)) };
  return { reason: `behind ${keptFor.get(open[0]?.podId ?? "") ?? "another"}` };
}

const fitWords = ({ computeMode }: Job) =>
  computeMode === "CPU" ? "next by priority" : `fits ${computeMode}, next by priority`;

function noRoom(job: Job, freeSlots: number): string {
  const kind = job.computeMode === "CPU" ? "CPU slot" : "slot";
  return job.slots === 1 ? `no free ${kind}` : `needs ${job.slots} ${kind}s, ${Math.max(0, freeSlots)} free`;
}
