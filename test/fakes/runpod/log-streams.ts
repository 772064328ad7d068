import type { Answer, StreamWriter } from "./answer.js";
import type { FakePod, LogLine } from "./model.js";
import { rfc3339 } from "./pod-wire.js";
import type { World } from "./world.js";

/** How streams are written out; a change counts for lines written from then on. */
export interface StreamPlan {
  /** Real milliseconds between comment lines that keep the connection. */
  readonly keepaliveMs?: number;
  /** Break every stream after so many more bytes, wherever in a frame that is; then cleared. */
  readonly cutAfterBytes?: number | null;
  /** Write in pieces of so many bytes, a real millisecond apart. */
  readonly chunkBytes?: number | null;
  readonly crlf?: boolean;
}

export interface LogQuery {
  readonly source: LogLine["source"] | undefined;
  readonly tail: number;
  readonly sinceMs: number | undefined;
  readonly lastEventId: string | undefined;
}

/** `<when>/<number>`: the number keeps lines of one second apart. */
export const eventIdOf = (line: LogLine): string => `${rfc3339(line.at)}/${String(line.sequence).padStart(12, "0")}`;

/** The open log streams of all pods. They never end by themselves. */
export function createLogStreams(world: World) {
  let plan: Required<StreamPlan> = { keepaliveMs: 15_000, cutAfterBytes: null, chunkBytes: null, crlf: false };
  const open = new Set<{ readonly podId: string; readonly stream: PacedStream }>();

  function follow(pod: FakePod, query: LogQuery): Answer {
    return {
      status: 200,
      contentType: "text/event-stream",
      headers: { "Cache-Control": "no-cache", Connection: "keep-alive", "X-Accel-Buffering": "no" },
      stream: (writer) => {
        const stream = createPacedStream(
          writer,
          () => plan,
          () => {
            plan = { ...plan, cutAfterBytes: null };
          },
        );
        const wants = (line: LogLine) => query.source === undefined || line.source === query.source;
        for (const line of backfill(pod.log.filter(wants), query)) stream.write(frame(line, plan.crlf));
        const onLine = (from: FakePod, line: LogLine) => {
          if (from === pod && wants(line)) stream.write(frame(line, plan.crlf));
        };
        const entry = { podId: pod.id, stream };
        const keepalive = setInterval(() => stream.write(plan.crlf ? ":\r\n\r\n" : ":\n\n"), plan.keepaliveMs);
        keepalive.unref();
        open.add(entry);
        world.logListeners.add(onLine);
        writer.onClose(() => {
          clearInterval(keepalive);
          open.delete(entry);
          world.logListeners.delete(onLine);
        });
      },
    };
  }

  return {
    follow,
    plan: (next: StreamPlan) => {
      plan = { ...plan, ...next };
    },
    /** Breaks open streams in the middle of a frame that is never finished. */
    cut: (podId?: string) => {
      for (const entry of open) {
        if (podId !== undefined && entry.podId !== podId) continue;
        entry.stream.write('id: half\ndata: {"ts":"20');
        entry.stream.destroy();
      }
    },
    count: (podId?: string) => [...open].filter((entry) => podId === undefined || entry.podId === podId).length,
  };
}
export type LogStreams = ReturnType<typeof createLogStreams>;

/** What a new reader gets first. Last-Event-ID wins over since, since over tail; resuming repeats and skips nothing. */
function backfill(lines: readonly LogLine[], { tail, sinceMs, lastEventId }: LogQuery): readonly LogLine[] {
  if (lastEventId !== undefined) return lines.filter(isAfter(lastEventId));
  if (sinceMs !== undefined) return lines.filter((line) => line.at >= sinceMs);
  return tail === 0 ? [] : lines.slice(-tail);
}

function isAfter(eventId: string): (line: LogLine) => boolean {
  const [when = "", number] = eventId.split("/");
  if (number !== undefined) {
    const sequence = Number(number);
    return (line) => line.sequence > sequence;
  }
  const atMs = Date.parse(when);
  return (line) => line.at > atMs;
}

function frame(line: LogLine, crlf: boolean): string {
  const data = JSON.stringify({ ts: rfc3339(line.at), source: line.source, line: line.line });
  const text = `id: ${eventIdOf(line)}\ndata: ${data}\n\n`;
  return crlf ? text.replaceAll("\n", "\r\n") : text;
}

interface PacedStream {
  write(text: string): void;
  destroy(): void;
}

/** Writes as the plan says: whole, in small pieces, or up to the byte where the connection breaks. */
function createPacedStream(writer: StreamWriter, planNow: () => Required<StreamPlan>, onCut: () => void): PacedStream {
  let waiting = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  let destroyed = false;
  const destroy = () => {
    destroyed = true;
    clearTimeout(timer);
    writer.destroy();
  };
  writer.onClose(() => {
    destroyed = true;
    clearTimeout(timer);
  });
  let written = 0;
  const put = (piece: Buffer) => {
    const { cutAfterBytes } = planNow();
    if (cutAfterBytes !== null && written + piece.length >= cutAfterBytes) {
      writer.write(piece.subarray(0, cutAfterBytes - written));
      onCut();
      destroy();
      return;
    }
    written = cutAfterBytes === null ? 0 : written + piece.length;
    writer.write(piece);
  };
  const drip = () => {
    timer = undefined;
    const size = planNow().chunkBytes ?? waiting.length;
    put(waiting.subarray(0, size));
    waiting = waiting.subarray(size);
    if (waiting.length > 0 && !destroyed) timer = setTimeout(drip, 1);
  };
  return {
    destroy,
    write: (text) => {
      if (destroyed) return;
      waiting = Buffer.concat([waiting, Buffer.from(text)]);
      if (timer === undefined) drip();
    },
  };
}
