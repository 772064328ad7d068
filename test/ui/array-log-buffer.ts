import type { HeldLine, LogBuffer } from "../../src/app/log-buffer.js";
import type { LogEntry } from "../../src/contract/log-entry.js";
import { logLevels } from "../../src/contract/vocabulary.js";

/** The simplest log buffer, for painters: everything in one array, nothing dropped unless said. */
export function arrayLogBuffer(held: HeldLine[] = [], droppedLines = 0): LogBuffer {
  const toHeld = ({ seq, timestamp, level, message }: LogEntry): HeldLine => ({
    kind: "line",
    seq,
    at: timestamp,
    level,
    text: message,
  });
  const find: LogBuffer["search"] = ({ pattern, minimum, marks }) => {
    const found: number[] = [];
    held.forEach((line, index) => {
      if (line.kind !== "line") {
        if (marks === true) found.push(index);
        return;
      }
      const loud = logLevels.indexOf(line.level) >= logLevels.indexOf(minimum);
      if (loud && (pattern === null || line.text.search(pattern) >= 0)) found.push(index);
    });
    return { indexes: Uint32Array.from(found), complete: true };
  };
  return {
    firstIndex: 0,
    get endIndex() {
      return held.length;
    },
    heldBytes: 0,
    droppedLines,
    missingLines: 0,
    clear: () => void held.splice(0),
    append: (lines) => void held.push(...lines.map(toHeld)),
    prepend: (lines) => void held.unshift(...lines.map(toHeld)),
    gap: (fromSeq, toSeq) => void held.push({ kind: "gap", fromSeq, toSeq }),
    restart: (attempt) => void held.push({ kind: "restart", attempt }),
    line(index, maxBytes) {
      const line = held[index];
      if (line?.kind !== "line" || maxBytes === undefined || line.text.length <= maxBytes) return line;
      return { ...line, text: line.text.slice(0, maxBytes), omittedBytes: line.text.length - maxBytes };
    },
    find: (pattern, minimum) => find({ pattern, minimum }, 0).indexes,
    search: find,
    nextOfLevel: () => undefined,
    indexAt: () => 0,
  };
}
