import { type Failure, FailureError, toFailure } from "../../core/failure.js";
import { parseEventStream, type ServerEvent } from "./event-stream.js";
import type { Http, StreamCall } from "./http.js";
import { type ClientTime, systemTime } from "./time.js";

export interface FollowOptions {
  readonly query?: StreamCall["query"];
  /** Go on after the event with this id, verbatim. */
  readonly after?: string | undefined;
  readonly signal: AbortSignal;
  /** The connection was lost, and is tried again by itself. */
  readonly onLost?: ((failure: Failure) => void) | undefined;
  readonly time?: ClientTime;
}

const firstWaitMs = 500;
const longestWaitMs = 15_000;

/**
 * Follows an event stream for ever: a lost connection is resumed after the last event that was taken, so that nothing is
 * missed and nothing comes twice. Ends when the signal is aborted; throws FailureError when the server refuses (4xx).
 */
export async function* followEvents(
  http: Http,
  path: string,
  { query, after, signal, onLost, time = systemTime }: FollowOptions,
): AsyncGenerator<readonly ServerEvent[]> {
  let lastId = after;
  let lostTimes = 0;
  while (!signal.aborted) {
    try {
      const headers = lastId === undefined ? {} : { "last-event-id": lastId };
      for await (const events of eventsOf(http, path, { query, headers, signal })) {
        yield events;
        lostTimes = 0;
        lastId = events.at(-1)?.id ?? lastId;
      }
      onLost?.({ kind: "network", message: `${path}: the server ended the stream` });
    } catch (error) {
      // Aborting is how it ends.
      if (hasEnded(signal)) return;
      const failure = toFailure(error);
      if (!isWorthAnotherTry(failure)) throw new FailureError(failure, { cause: error });
      onLost?.(failure);
    }
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** lostTimes++);
    await time.sleep(Math.round(wait * (0.75 + time.random() * 0.25)), signal).catch(() => undefined);
  }
}

/** The events of one connection. */
async function* eventsOf(http: Http, path: string, call: StreamCall): AsyncGenerator<readonly ServerEvent[]> {
  for await (const events of parseEventStream(await http.stream(path, call))) if (events.length > 0) yield events;
}

/** Read anew: the signal may have been aborted while the stream was waited for. */
const hasEnded = (signal: AbortSignal) => signal.aborted;

function isWorthAnotherTry({ kind, status = 0 }: Failure): boolean {
  if (kind === "decode" || kind === "local") return false;
  return status < 400 || status >= 500 || status === 408 || status === 429;
}
