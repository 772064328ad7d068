import { longDuration } from "../../core/duration.js";
import { fits, type Job, type Place, queueOrder } from "./fit.js";

/** A queued experiment that an idle pod could run now, if somebody says so. */
export interface Proposal {
  readonly podId: string;
  /** Document id of the experiment. */
  readonly id: string;
  /** `EXP-056`. */
  readonly experimentId: string;
  /** Beside the pod: `fits H100, next by priority; idle 47 min`. */
  readonly reason: string;
  /** Beside the experiment: `waits: d on sweep-1 deploys it (idle 47 min)`. */
  readonly waits: string;
}

/** For each rented pod that has nothing to do the first waiting experiment that fits; each experiment once, cheapest pod first. */
export function propose(waiting: readonly Job[], places: readonly Place[]): Proposal[] {
  const queue = queueOrder(waiting.filter(({ pinnedPodId }) => pinnedPodId === null));
  const proposed = new Set<string>();
  const wanted = new Set(waiting.flatMap(({ pinnedPodId }) => pinnedPodId ?? []));
  const price = ({ costPerHourUsd }: Place) => costPerHourUsd ?? Number.MAX_VALUE;
  return [...places]
    .filter((place) => isVacant(place) && !wanted.has(place.podId))
    .sort((a, b) => price(a) - price(b))
    .flatMap((place) => {
      const best = queue.find((job) => !proposed.has(job.id) && fits(place, job) && place.slots >= job.slots);
      if (best === undefined) return [];
      proposed.add(best.id);
      return [toProposal(best, place)];
    });
}

/** Paid for, reachable and without work: as measured, or new and given nothing yet. One whose GPU somebody uses is not. */
function isVacant({ rents, unavailable, slotsUsed, idleMinutes, acceptsWork }: Place): boolean {
  if (!rents || unavailable !== null || slotsUsed > 0) return false;
  return acceptsWork ? idleMinutes !== 0 : idleMinutes !== null && idleMinutes > 0;
}

function toProposal({ id, displayId, computeMode }: Job, place: Place): Proposal {
  const state = idleWords(place);
  const fit = computeMode === "CPU" ? "needs no GPU" : `fits ${computeMode}`;
  return {
    podId: place.podId,
    id,
    experimentId: displayId,
    reason: `${fit}, next by priority; ${state}`,
    waits: `waits: d on ${place.name} deploys it (${state})`,
  };
}

/** In whole minutes: it is written beside the experiment, and a word that changes is a row that is written. */
export function idleWords({ idleMinutes }: Pick<Place, "idleMinutes">): string {
  return idleMinutes === null || idleMinutes < 1 ? "free" : `idle ${longDuration(Math.floor(idleMinutes) * 60_000)}`;
}
