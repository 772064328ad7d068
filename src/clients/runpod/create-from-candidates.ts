import { type Failure, FailureError, toFailure } from "../../core/failure.js";
import { type Candidate, candidateName } from "./candidates.js";
import type { CreatePod, PodCompute, RunpodPod } from "./pod.js";

export interface Created {
  readonly pod: RunpodPod;
  readonly candidate: Candidate;
  /** Its create had lost its answer; it was found by its name. */
  readonly wasFound: boolean;
  /** What was asked for before, in vain. */
  readonly tried: readonly string[];
}

/** A body without what it is made of and where. */
export type CreateBase = Omit<CreatePod, keyof PodCompute | "dataCenterIds">;

/** The body of one try. */
export function createBody(base: CreateBase, { compute, dataCenterId }: Candidate): CreatePod {
  return { ...base, ...compute, ...(dataCenterId === null ? {} : { dataCenterIds: [dataCenterId] }) };
}

/**
 * One POST per candidate until a pod is made. RunPod's 400 means "not to be had here" and the next is tried; everything else
 * (no credit, no right, a body it does not take, an answer that stays lost) ends it, so that there are never two pods. Rejects
 * with the last refusal and what was tried.
 */
export async function createFromCandidates(
  createOnce: (body: CreatePod) => Promise<{ readonly pod: RunpodPod; readonly wasFound: boolean }>,
  base: CreateBase,
  candidates: readonly Candidate[],
): Promise<Created> {
  const tried: string[] = [];
  let last: Failure | undefined;
  for (const candidate of candidates) {
    try {
      return { ...(await createOnce(createBody(base, candidate))), candidate, tried };
    } catch (error) {
      const failure = toFailure(error);
      tried.push(candidateName(candidate));
      // The same refusal twice that does not speak of capacity is about the body, and stays.
      const isAboutBody = failure.kind !== "noCapacity" && failure.message === last?.message;
      const isTakenElsewhere = failure.status === 400 || failure.kind === "noCapacity";
      if (!isTakenElsewhere || isAboutBody) throw tried.length === 1 ? error : given(failure, tried);
      last = failure;
    }
  }
  throw given(last ?? { kind: "noCapacity", message: "there was nothing to try" }, tried);
}

function given(failure: Failure, tried: readonly string[]): FailureError {
  const list = tried.length === 0 ? "" : ` (tried ${tried.join(", ")})`;
  return new FailureError({ ...failure, message: `${failure.message}${list}` });
}
