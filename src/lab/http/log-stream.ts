import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { LogEntry, LogLevel } from "../../contract/log-entry.js";
import { logLevels } from "../../contract/vocabulary.js";
import { LabError } from "../lab-error.js";
import type { RouteContext, RouteInput } from "./route.js";
import { outWords, type StreamReader, watchReader } from "./stream-reader.js";

/** Where a reader is: the byte of the output of one attempt that it has not seen yet. */
interface Position {
  readonly attempt: number;
  readonly offset: number;
}

const written = /^(?:(\d{1,9}):)?(\d{1,15})$/;

/** An event's id: `2:65536` is byte 65536 of the second attempt; without an attempt it is the current one. */
function readPosition(id: string | undefined, attempt: number): Position {
  if (id === undefined || id === "") return { attempt, offset: 0 };
  const match = written.exec(id);
  if (match === null) throw new LabError("validation_error", "Last-Event-ID: not the id of an event of this stream");
  return { attempt: Number(match[1] ?? attempt), offset: Number(match[2]) };
}

interface Wanted {
  readonly ref: string;
  readonly level: LogLevel | undefined;
  /** This level and above. */
  readonly minLevel: LogLevel | undefined;
}

/**
 * The log as server-sent events: `log` frames of whole lines (one `data:` line of JSON each) whose id is where to go on, so that a reader
 * which comes back with `Last-Event-ID` misses nothing and sees nothing twice; `restarted` when a new attempt begins; `end` when nothing will
 * follow, or the reader's token has gone. A slow reader costs an offset, nothing more.
 */
export async function streamLog(
  context: RouteContext,
  http: RouteInput<never, never, never>["http"],
  { ref, level, minLevel }: Wanted,
): Promise<Response> {
  const { services } = context;
  const { _id, attempt } = await services.experiments.get(ref);
  const lastEventId = http.req.header("last-event-id") ?? http.req.query("from");
  const start = readPosition(lastEventId, attempt);
  if (lastEventId !== undefined && start.attempt === attempt) {
    const rest = await services.logs.frame(_id, start.offset);
    // 204 tells an EventSource that has seen the end not to come back.
    if (rest.ended && rest.lines.length === 0 && rest.next <= start.offset) return http.body(null, 204);
  }
  const reader = watchReader(context, http);
  const levels = levelsOf(level, minLevel);
  return streamSSE(http, (stream) => follow({ context, stream, reader, id: _id, levels }, start));
}

interface Follower {
  readonly context: RouteContext;
  readonly stream: SSEStreamingApi;
  readonly reader: StreamReader;
  readonly id: string;
  readonly levels: readonly LogLevel[];
}

function levelsOf(level: LogLevel | undefined, minLevel: LogLevel = logLevels[0]): readonly LogLevel[] {
  return level === undefined ? logLevels.slice(logLevels.indexOf(minLevel)) : [level];
}

async function follow(follower: Follower, start: Position): Promise<void> {
  const { context, stream, reader, id } = follower;
  const { experiments, logs } = context.services;
  const bell = createBell(follower);
  let position = start;
  try {
    while (!stream.aborted) {
      bell.reset();
      if (await reader.isOut()) throw new LabError("unauthorized", outWords);
      const { attempt } = await experiments.get(id);
      if (attempt !== position.attempt) {
        position = { attempt, offset: 0 };
        await stream.writeSSE({ event: "restarted", data: JSON.stringify({ attempt }), id: `${attempt}:0` });
      }
      const frame = await logs.frame(id, position.offset);
      // The attempt may have ended and another begun while the frame was read: then it is not of this attempt.
      if ((await experiments.get(id)).attempt !== attempt) continue;
      if (frame.next > position.offset) {
        position = { attempt, offset: frame.next };
        await writeFrame(follower, position, frame.lines);
      } else if (frame.ended) {
        await stream.writeSSE({ event: "end", data: "{}", id: `${attempt}:${position.offset}` });
        return;
      } else if (!(await bell.rung())) {
        await stream.write(": ping\n\n");
      }
    }
  } catch (error) {
    if (error instanceof LabError)
      await stream.writeSSE({ event: "end", data: JSON.stringify({ reason: error.message }) });
    else throw error;
  } finally {
    bell.close();
    reader.close();
  }
}

/** An id without data moves the reader's Last-Event-ID on, where no line of the frame has the wanted level. */
async function writeFrame({ stream, levels }: Follower, { attempt, offset }: Position, lines: readonly LogEntry[]) {
  const id = `${attempt}:${offset}`;
  const shown = lines.filter((line) => levels.includes(line.level));
  if (shown.length === 0) await stream.write(`id: ${id}\n\n`);
  else await stream.writeSSE({ event: "log", id, data: shown.map((line) => JSON.stringify(line)).join("\n") });
}

/** Rings when the log or its experiment changed since the last `reset`. */
function createBell({ context, stream, reader, id }: Follower) {
  const topics = [`logs:${id}`, `experiment:${id}`];
  let isRinging = false;
  let wake: (() => void) | null = null;
  const ring = () => {
    isRinging = true;
    wake?.();
  };
  const close = context.store.onChange((touched) => {
    if (topics.some((topic) => touched.has(topic))) ring();
  });
  stream.onAbort(ring);
  reader.signal.addEventListener("abort", ring);
  return {
    close,
    reset: () => void (isRinging = false),
    /** False when it stayed silent for a heartbeat. */
    async rung(): Promise<boolean> {
      if (isRinging) return true;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, context.heartbeatMs);
      });
      clearTimeout(timer);
      wake = null;
      return isRinging;
    },
  };
}
