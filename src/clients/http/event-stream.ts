/** One event of a `text/event-stream`. */
export interface ServerEvent {
  /** Where to go on after it; null when the stream never gave one. */
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
  /** It was longer than we hold: `data` is empty. */
  readonly isTooLong: boolean;
}

export interface StreamLimits {
  /** UTF-16 units. */
  readonly line: number;
  readonly frame: number;
}

const defaultLimits: StreamLimits = { line: 1024 * 1024, frame: 4 * 1024 * 1024 };

/**
 * Parses an event stream as its bytes come, one batch of events a piece, empty batches for mere signs of life. Takes LF, CRLF
 * and CR, comments, empty frames, and an end without a blank line. A frame that was cut in the middle of a line is dropped:
 * resuming by the id of the event before it brings it whole.
 */
export async function* parseEventStream(
  pieces: AsyncIterable<Uint8Array>,
  limits: StreamLimits = defaultLimits,
): AsyncGenerator<readonly ServerEvent[]> {
  const decoder = new TextDecoder();
  const lines = lineCutter(limits.line);
  const frame = frameBuilder(limits.frame);
  for await (const piece of pieces) {
    yield lines.take(decoder.decode(piece, { stream: true })).flatMap(frame.take);
  }
  if (!lines.isInsideLine()) yield frame.take({ text: "", isTooLong: false });
}

interface Line {
  readonly text: string;
  readonly isTooLong: boolean;
}

/** Pieces of text → whole lines. What is over `limit` is thrown away as it comes, so that memory is bounded. */
function lineCutter(limit: number) {
  let rest = "";
  let isTooLong = false;
  let skipsLf = false;

  const complete = (text: string): Line => {
    const line = isTooLong || text.length > limit ? { text: text.slice(0, 16), isTooLong: true } : { text, isTooLong };
    isTooLong = false;
    return line;
  };
  return {
    isInsideLine: () => rest !== "" || isTooLong,
    take: (text: string): readonly Line[] => {
      if (text === "") return [];
      const fresh = skipsLf && text.startsWith("\n") ? text.slice(1) : text;
      // CR may be half of a CRLF that was cut by the piece.
      skipsLf = text.endsWith("\r");
      const parts = (rest + fresh).split(/\r\n|\n|\r/);
      rest = parts.pop() ?? "";
      const whole = parts.map(complete);
      if (rest.length > limit) {
        rest = rest.slice(0, 16);
        isTooLong = true;
      }
      return whole;
    },
  };
}

/** Lines → events; `id` lives on from one event to the next. */
function frameBuilder(limit: number) {
  let id: string | null = null;
  let event = "";
  let data: string[] = [];
  let size = 0;
  let isTooLong = false;

  const dispatch = (): readonly ServerEvent[] => {
    const isEmpty = data.length === 0 && !isTooLong;
    const done = { id, event: event || "message", data: isTooLong ? "" : data.join("\n"), isTooLong };
    [event, data, size, isTooLong] = ["", [], 0, false];
    return isEmpty ? [] : [done];
  };
  const takeData = (line: Line, value: string) => {
    size += value.length + 1;
    if (line.isTooLong || size > limit) isTooLong = true;
    if (isTooLong) data = [];
    else data.push(value);
  };
  return {
    take: (line: Line): readonly ServerEvent[] => {
      if (line.text === "" && !line.isTooLong) return dispatch();
      const colon = line.text.indexOf(":");
      if (colon === 0) return [];
      const field = colon < 0 ? line.text : line.text.slice(0, colon);
      const value = colon < 0 ? "" : line.text.slice(colon + 1).replace(/^ /, "");
      if (field === "data") takeData(line, value);
      else if (field === "event") event = value;
      else if (field === "id" && !line.isTooLong && !value.includes("\0")) id = value;
      return [];
    },
  };
}
