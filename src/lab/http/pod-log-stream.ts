import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { PodLogLine } from "../../contract/pod.js";
import { LabError } from "../lab-error.js";
import type { RouteContext, RouteInput } from "./route.js";
import { outWords, type StreamReader, watchReader } from "./stream-reader.js";

interface Wanted {
  readonly id: string;
  readonly source: string | undefined;
  readonly tail: number;
}

/**
 * A pod's own log as server-sent events, as RunPod sends them: one frame for each line, `data:{ts,source,line}`, with the provider's id of the
 * line, so that a reader which comes back with `Last-Event-ID` misses nothing. It never ends by itself; comments say that it lives. What
 * is refused before the first line is an answer with a status.
 */
export async function streamPodLog(
  context: RouteContext,
  http: RouteInput<never, never, never>["http"],
  { id, source, tail }: Wanted,
): Promise<Response> {
  const { services, heartbeatMs } = context;
  // Names a pod that does not exist, or has no log, before the stream has begun.
  await services.pods.get(id);
  const after = http.req.header("last-event-id");
  const closing = new AbortController();
  const lines = services.pods.followLog(id, { source, tail, after, signal: closing.signal })[Symbol.asyncIterator]();
  const first = lines.next();
  // A refusal comes at once and is an answer with a status; a log that is silent is a stream all the same.
  await within(first, refusalMs);
  const reader = watchReader(context, http);
  return streamSSE(http, async (stream) => {
    stream.onAbort(() => closing.abort());
    try {
      await send(stream, { lines, reader, pending: first, heartbeatMs });
    } catch (error) {
      if (stream.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      await stream.writeSSE({ event: "end", data: JSON.stringify({ reason: message }) });
    } finally {
      reader.close();
      closing.abort();
    }
  });
}

/** A provider that refuses does so within this; longer, and it becomes the stream's end. */
const refusalMs = 1500;

type Next = IteratorResult<readonly PodLogLine[]>;

interface Sending {
  readonly lines: AsyncIterator<readonly PodLogLine[]>;
  readonly pending: Promise<Next>;
  readonly reader: StreamReader;
  readonly heartbeatMs: number;
}

async function send(stream: SSEStreamingApi, { lines, reader, pending, heartbeatMs }: Sending): Promise<void> {
  let next = pending;
  while (!stream.aborted) {
    if (await reader.isOut()) throw new LabError("unauthorized", outWords);
    const told = await within(next, heartbeatMs, reader.signal);
    if (reader.signal.aborted) continue;
    if (told === null) {
      await stream.write(": ping\n\n");
      continue;
    }
    if (told.done === true) return;
    for (const { id, at, source, line } of told.value) {
      const ts = at === null ? "" : new Date(at).toISOString();
      await stream.writeSSE({ ...(id === "" ? {} : { id }), data: JSON.stringify({ ts, source, line }) });
    }
    next = lines.next();
  }
}

/** null when it takes longer, or is not to be waited for any more. */
async function within<T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const stop = () => resolve(null);
  const timer = setTimeout(stop, ms);
  signal?.addEventListener("abort", stop);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
