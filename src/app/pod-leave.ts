import type { Pod } from "../contract/pod.js";
import { FailureError, toFailure } from "../core/failure.js";
import { isOwnMachine, lockedReason } from "./pod-action.js";

// Stopping and terminating a pod: when it can be, when it was done, and what its outputs have to do with it.

export function againstStop(pod: Pod): string | null {
  if (isOwnMachine(pod)) return pod.acceptsWork ? null : `${pod.name} takes no new work already`;
  if (pod.status !== "running" && pod.status !== "creating") return `${pod.name} is ${pod.status}`;
  return lockedReason(pod);
}

/** A stop is one when the pod was seen to have stopped, whatever the answer to it was. */
export async function stopped(pod: Pod, answer: Promise<Pod>): Promise<Pod> {
  const row = await answer;
  if (isOwnMachine(pod) || row.status === "stopped" || row.status === "terminated") return row;
  throw new FailureError({
    kind: "conflict",
    message: `not confirmed: ${pod.name} is still ${row.status} and goes on billing`,
    hint: "x tries again",
  });
}

export function againstTerminate(pod: Pod): string | null {
  if (isOwnMachine(pod)) return "a machine of your own can't be terminated";
  return pod.status === "terminated" ? `${pod.name} is terminated` : lockedReason(pod);
}

/** A refusal that may be for outputs which can't be fetched says how they are fetched, and how they are given up. */
export async function offeringLoss(pod: Pod, command: string, answer: Promise<Pod>): Promise<Pod> {
  try {
    return await answer;
  } catch (error) {
    const failure = toFailure(error);
    if (failure.kind !== "conflict" || failure.hint !== undefined || pod.unsynced.length === 0) throw error;
    throw new FailureError({ ...failure, hint: `F fetches them; : ${command} gives them up` }, { cause: error });
  }
}
