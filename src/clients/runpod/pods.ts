import { z } from "zod";
import type { PodLogLine } from "../../contract/pod.js";
import { podLogLine } from "../../contract/pod-log.js";
import { type Failure, FailureError, toFailure } from "../../core/failure.js";
import { followEvents } from "../http/follow-events.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import type { ClientTime } from "../http/time.js";
import { type CreatePod, type PatchPod, PodPage, RunpodPod } from "./pod.js";

export type PodAction = "start" | "stop" | "restart" | "terminate";

export interface FollowPodLog {
  /** `container` or `system`; both without it. */
  readonly source?: string | undefined;
  /** Lines of the past, 0 to 5000. */
  readonly tail: number;
  /** Go on after the line with this id. */
  readonly after?: string | undefined;
  readonly signal: AbortSignal;
  readonly onLost?: (failure: Failure) => void;
}

const pageLimit = 1000;
/** A cursor that never ends is RunPod's mistake and must not be ours. */
const mostPages = 1000;

/** After these waits the list is searched for a pod whose create lost its answer. */
const searchAfterMs = [0, 2_000, 5_000];

/** Pods of the account behind the key. */
export function podsClient(http: Http, time: ClientTime) {
  async function list(signal?: AbortSignal): Promise<readonly RunpodPod[]> {
    const pods: RunpodPod[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page++) {
      const answer = await http.get("/v2/pods", { query: { limit: pageLimit, cursor }, expect: PodPage, signal });
      pods.push(...answer.pods);
      // A page may hold fewer than its limit, even none: only hasNextPage tells.
      const next = answer.pagination?.hasNextPage === true ? answer.pagination.nextCursor : null;
      if (next === null || next === cursor) break;
      cursor = next;
    }
    return pods;
  }

  const create = (body: CreatePod) => http.post("/v2/pods", { body, expect: RunpodPod });

  const act = (id: string, action: PodAction) =>
    http.post(path`/v2/pods/${id}/action`, { body: { action }, expect: z.unknown() }).then(() => undefined);

  return {
    /** All of them, over all pages; newest first. */
    list,
    /** null: this key knows no such pod, or not any more. */
    get: (id: string, signal?: AbortSignal): Promise<RunpodPod | null> =>
      orNull(http.get(path`/v2/pods/${id}`, { expect: RunpodPod, signal })),
    /** Sent once. Where the answer may be lost on the way, take `createOnce`. */
    create,
    /**
     * Creates a pod and never two: when the answer is lost, the list is searched for the name, which has to be unique, and
     * nothing is sent again. Rejects when the pod is not there either; it may still turn up.
     */
    createOnce: async (body: CreatePod): Promise<{ readonly pod: RunpodPod; readonly wasFound: boolean }> => {
      try {
        return { pod: await create(body), wasFound: false };
      } catch (error) {
        const failure = toFailure(error);
        if (!isUncertain(failure)) throw error;
        const pod = await search(list, body.name, time);
        if (pod !== null) return { pod, wasFound: true };
        throw new FailureError(unresolved(failure, body.name), { cause: error });
      }
    },
    patch: (id: string, body: PatchPod) => http.patch(path`/v2/pods/${id}`, { body, expect: RunpodPod }),
    start: (id: string) => act(id, "start"),
    /** Resolves when RunPod has taken it; that it has stopped shows `get`. */
    stop: (id: string) => act(id, "stop"),
    /** Of a running pod; it is done when its uptime has fallen. */
    restart: (id: string) => act(id, "restart"),
    terminate: (id: string) => act(id, "terminate"),
    /** The same as terminate, and may be sent again when its answer is lost. False: it was gone already. */
    delete: async (id: string): Promise<boolean> =>
      (await orNull(http.delete(path`/v2/pods/${id}`, { expect: z.unknown().transform(() => true) }))) ?? false,
    /** The pod's log, live and over any number of lost connections; ends when the signal is aborted. */
    async *followLog(id: string, options: FollowPodLog): AsyncGenerator<readonly PodLogLine[]> {
      const { source, tail, after, signal, onLost } = options;
      const query = { source, tail: Math.min(5000, Math.max(0, Math.round(tail))) };
      const follow = { query, after, signal, onLost, time };
      for await (const events of followEvents(http, path`/v2/pods/${id}/logs`, follow)) yield events.map(podLogLine);
    },
  };
}

/** A 404 as null. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (toFailure(error).kind === "notFound") return null;
    throw error;
  }
}

/** It may have been carried out: the answer was lost, or could not be read, or came from something in between. */
function isUncertain({ kind, message }: Failure): boolean {
  if (kind === "network") return !/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH/.test(message);
  return kind === "timeout" || kind === "server" || kind === "decode";
}

async function search(
  list: () => Promise<readonly RunpodPod[]>,
  name: string,
  time: ClientTime,
): Promise<RunpodPod | null> {
  for (const waitMs of searchAfterMs) {
    await time.sleep(waitMs);
    const pods = await list().catch(() => []);
    const found = pods.find((pod) => pod.name === name);
    if (found !== undefined) return found;
  }
  return null;
}

const unresolved = (failure: Failure, name: string): Failure => ({
  ...failure,
  message: `RunPod's answer to the create was lost (${failure.message}), and no pod "${name}" has turned up since`,
  hint: "nothing was sent again; look at the list before you try it once more, it may still come up",
});
