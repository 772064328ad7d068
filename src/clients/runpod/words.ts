import type { Failure } from "../../core/failure.js";

/** RunPod has no code for it, only sentences (runpod-api §3, §9). */
const capacity =
  /no longer any instances|not enough free|no (?:gpus?|instances?|machines?|hosts?|capacity|resources?)\b.*available|out of (?:stock|capacity)|(?:insufficient|no) capacity|not enough (?:gpus?|capacity|resources)/i;

/** A failure of RunPod's REST v2 in words that say what to do about it. */
export function runpodWords(failure: Failure): Failure {
  const { kind, status, message } = failure;
  if (status !== undefined && status !== 422 && capacity.test(message)) {
    return { ...failure, kind: "noCapacity", hint: "try another GPU, region or cloud; stock changes by the minute" };
  }
  if (kind === "gone") return { ...failure, message: "this RunPod API was retired", hint: "update hubify-tui" };
  const hint = hints[kind];
  return hint === undefined ? failure : { ...failure, hint };
}

const hints: Partial<Record<Failure["kind"], string>> = {
  auth: "RunPod does not take this key: set RUNPOD_API_KEY to a valid one",
  payment: "add credit to the RunPod account: a pod needs an hour of it to start",
  forbidden: "the RunPod key has no right to this: give it Read/Write on pods, or use another one",
  conflict: "the pod's state does not allow it now: look again",
  rateLimit: "RunPod's request limit is reached; polling slows down by itself",
  network: "is this machine online?",
  server: "RunPod has trouble; try again",
};
