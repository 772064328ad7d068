import { displayLine } from "../chain/terminal-line.js";
import type { HeldLine, LogBuffer } from "./log-buffer.js";

export interface LogExport {
  readonly text: string;
  /** Lines of output in it, marks not counted. */
  readonly lines: number;
  /** Lines of the run before the first one in it. */
  readonly earlier: number;
}

/** Everything that is held, one line each: time (UTC), level, text. What is not in it is said where it is missing. */
export function logText(buffer: LogBuffer): LogExport {
  const out: string[] = [];
  let lines = 0;
  const earlier = linesBefore(buffer);
  if (earlier > 0) out.push(`# ${earlier} earlier lines are not in this file`);
  for (let index = buffer.firstIndex; index < buffer.endIndex; index++) {
    const line = buffer.line(index);
    if (line === undefined) continue;
    if (line.kind === "line") lines++;
    out.push(exported(line));
  }
  return { text: `${out.join("\n")}\n`, lines, earlier };
}

/** Lines of the run before the first one held: dropped here, or never asked for. Lines are numbered from zero. */
export function linesBefore(buffer: LogBuffer): number {
  const first = buffer.line(buffer.firstIndex, 0);
  return Math.max(buffer.droppedLines, first?.kind === "line" ? first.seq : 0);
}

function exported(line: HeldLine): string {
  switch (line.kind) {
    case "line":
      return `${new Date(line.at).toISOString()} ${line.level.padEnd(5)} ${displayLine(line.text)}`;
    case "gap":
      return `# ${line.toSeq - line.fromSeq + 1} lines are missing here`;
    case "restart":
      return `# attempt ${line.attempt} starts here`;
  }
}
