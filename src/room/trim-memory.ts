import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Timers } from "../app/effects/timers.js";

/** Bytes that V8 has taken since it was last trimmed, from which on it is worth a pause. */
const worthBytes = 12e6;
const lookMs = 4000;
/** A collection that gives pages back takes 60 to 110 ms: not while somebody types. */
const quietMs = 5000;

export interface TrimParts {
  readonly timers: Timers;
  readonly nowMs: () => number;
  readonly onKey: (listener: () => void) => unknown;
  /** Bytes that V8 holds for us, garbage and all. */
  readonly heldBytes?: () => number;
  readonly collect?: () => Promise<void>;
}

/**
 * Gives memory back while nobody types: lines that stream in leave garbage of which V8 itself rids a process only when it has
 * doubled. A room that is open all day on a small login node should take what it shows and no more.
 */
export function trimMemory(parts: TrimParts): void {
  const { timers, nowMs, heldBytes = v8Bytes, collect = v8Collector() } = parts;
  let keyAt = -Infinity;
  let trimmedBytes = 0;
  parts.onKey(() => {
    keyAt = nowMs();
  });
  const look = async () => {
    if (nowMs() - keyAt >= quietMs && heldBytes() >= trimmedBytes + worthBytes) {
      await collect();
      trimmedBytes = heldBytes();
    }
    timers.after(lookMs, () => void look());
  };
  timers.after(lookMs, () => void look());
}

function v8Bytes(): number {
  const { total_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

type Collector = (options: { type: "major"; execution: "async"; flavor: "last-resort" }) => Promise<void>;

/** A whole collection that also returns pages to the system. */
function v8Collector(): () => Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as Collector;
  return () => gc({ type: "major", execution: "async", flavor: "last-resort" });
}
