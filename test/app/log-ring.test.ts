import { describe, expect, it } from "vitest";
import type { HeldLine } from "../../src/app/log-buffer.js";
import { createLogRing } from "../../src/app/log-ring.js";
import type { LogEntry, LogLevel } from "../../src/contract/log-entry.js";
import { logLevels } from "../../src/contract/vocabulary.js";
import { logLine, nowMs } from "./fixtures.js";

/** Small, fast and the same on every machine (mulberry32). */
function seeded(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const words = [
  "R-1 = 0.01",
  "steps",
  "",
  "naïve σ₈",
  "日本",
  "🙂",
  "tab\there",
  "bar\rbaz",
  "x".repeat(300),
  "Error: nan",
  "a b",
];

/** The same buffer as a plain array that keeps everything. */
class Naive {
  readonly lines: HeldLine[] = [];
  append(entries: readonly LogEntry[]): void {
    this.lines.push(...entries.flatMap(heldLines));
  }
  prepend(entries: readonly LogEntry[]): void {
    this.lines.unshift(...entries.flatMap(heldLines));
  }
}

function heldLines({ seq, level, timestamp, message }: LogEntry): HeldLine[] {
  return message.split("\n").map((text) => ({ kind: "line", seq, at: timestamp, level, text }));
}

function randomLines(random: (below: number) => number, seq: number, count: number): LogEntry[] {
  return Array.from({ length: count }, (_, at) => {
    const message = Array.from({ length: random(4) }, () => words[random(words.length)]).join(
      random(9) === 0 ? "\n" : " ",
    );
    return logLine(seq + at, message, { level: logLevels[random(4)] ?? "info", timestamp: nowMs + seq + at });
  });
}

const patterns = [
  /steps/g,
  /R-1 = \d/g,
  /error/gi,
  /^x+$/g,
  /^$/g,
  /σ₈|日/g,
  /(?<!x) steps/g,
  /[^a]b/g,
  /\s+R/g,
  /baz$/g,
  /x*/g,
  /🙂/gu,
  /a b\b/g,
];

function expectSame(ring: ReturnType<typeof createLogRing>, naive: Naive, random: (below: number) => number): void {
  const dropped = naive.lines.length - (ring.endIndex - ring.firstIndex);
  const held = naive.lines.slice(dropped);
  expect(Array.from(held, (_, at) => ring.line(ring.firstIndex + at))).toEqual(held);
  const pattern = patterns[random(patterns.length)] ?? /x/g;
  const minimum: LogLevel = logLevels[random(4)] ?? "debug";
  const loud = (line: HeldLine) => line.kind === "line" && logLevels.indexOf(line.level) >= logLevels.indexOf(minimum);
  const alone = new RegExp(pattern.source, `m${pattern.flags.replace("g", "")}`);
  const expected = held.flatMap((line, at) =>
    line.kind === "line" && loud(line) && alone.test(line.text) ? ring.firstIndex + at : [],
  );
  expect([pattern.source, ...ring.find(pattern, minimum)]).toEqual([pattern.source, ...expected]);
  const from = random(held.length + 1);
  const next = held.findIndex((line, at) => at >= from && loud(line));
  const previous = held.findLastIndex((line, at) => at <= from && loud(line));
  const index = (at: number) => (at < 0 ? undefined : ring.firstIndex + at);
  expect(ring.nextOfLevel(ring.firstIndex + from, 1, minimum)).toBe(index(next));
  expect(ring.nextOfLevel(ring.firstIndex + from, -1, minimum)).toBe(index(previous));
}

describe("log ring against a plain array", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("holds, drops, finds and jumps the same (seed %i)", (seed) => {
    const random = seeded(seed);
    const ring = createLogRing({ capBytes: 40_000, chunkBytes: 1500 });
    const naive = new Naive();
    let first = 1_000_000;
    let next = first;
    for (let round = 0; round < 60; round++) {
      const kind = random(10);
      const lines = randomLines(random, next, random(60));
      if (kind === 0 && ring.droppedLines === 0 && ring.heldBytes < 20_000) {
        const older = randomLines(random, first - 20, 20);
        first -= 20;
        ring.prepend(older);
        naive.prepend(older);
      } else if (kind === 1) {
        ring.gap(next, next + 4);
        naive.lines.push({ kind: "gap", fromSeq: next, toSeq: next + 4 });
        next += 5;
      } else if (kind === 2) {
        ring.restart(round);
        naive.lines.push({ kind: "restart", attempt: round });
      } else {
        ring.append(lines);
        naive.append(lines);
        next += lines.length;
      }
      expectSame(ring, naive, random);
      expect(ring.heldBytes).toBeLessThanOrEqual(40_000);
    }
    const lost = naive.lines.slice(0, naive.lines.length - (ring.endIndex - ring.firstIndex));
    expect(ring.droppedLines).toBe(lost.filter(({ kind }) => kind === "line").length);
    expect(ring.droppedLines).toBeGreaterThan(0);
  });
});

describe("log ring", () => {
  it("counts what the server could not give", () => {
    const ring = createLogRing();
    ring.gap(10, 19);
    ring.append([logLine(20, "after")]);
    expect(ring.missingLines).toBe(10);
    expect(ring.line(ring.firstIndex)).toEqual({ kind: "gap", fromSeq: 10, toSeq: 19 });
  });

  it("keeps a line longer than a chunk whole, and gives a part of it without decoding it all", () => {
    const ring = createLogRing({ capBytes: 1_000_000, chunkBytes: 1000 });
    const long = "é".repeat(5000);
    ring.append([logLine(0, "a"), logLine(1, long), logLine(2, "b")]);
    expect(ring.line(ring.firstIndex + 1)).toMatchObject({ text: long });
    expect(ring.line(ring.firstIndex + 1, 101)).toMatchObject({ text: "é".repeat(50), omittedBytes: 9899 });
    expect(ring.line(ring.firstIndex + 2)).toMatchObject({ text: "b", seq: 2 });
  });

  it("keeps the newest chunk even if it alone is above the cap", () => {
    const ring = createLogRing({ capBytes: 1000 });
    ring.append([logLine(0, "a"), logLine(1, "z".repeat(5000))]);
    expect(ring.endIndex - ring.firstIndex).toBe(1);
    expect(ring.droppedLines).toBe(1);
  });

  it("leaves out older lines that do not fit under the cap, the oldest first", () => {
    const ring = createLogRing({ capBytes: 1000 });
    ring.append([logLine(100, "x".repeat(500))]);
    ring.prepend(Array.from({ length: 50 }, (_, seq) => logLine(seq, "y".repeat(82))));
    expect(ring.endIndex - ring.firstIndex).toBe(5);
    expect(ring.line(ring.firstIndex)).toMatchObject({ seq: 46 });
    expect(ring.droppedLines).toBe(0);
  });

  it("searches a slice at a time, the newest lines first, and gives earlier answers unchanged", () => {
    const ring = createLogRing({ chunkBytes: 10_000 });
    ring.append(Array.from({ length: 5000 }, (_, seq) => logLine(seq, `line ${seq}`)));
    const query = { pattern: /line \d*7$/, minimum: "debug" } as const;
    const first = ring.search(query, 20_000);
    expect(first.complete).toBe(false);
    expect(first.indexes.at(-1)).toBe(ring.firstIndex + 4997);
    const firstHits = [...first.indexes];
    let last = first;
    for (let slices = 0; !last.complete && slices < 100; slices++) last = ring.search(query, 20_000);
    expect(last.indexes).toHaveLength(500);
    expect([...first.indexes]).toEqual(firstHits);
    ring.append([logLine(5000, "line 5007")]);
    expect(ring.search(query, 0).indexes).toHaveLength(501);
  });

  it("finds the line of a moment", () => {
    const ring = createLogRing();
    ring.append(Array.from({ length: 100 }, (_, seq) => logLine(seq, "x", { timestamp: nowMs + seq * 1000 })));
    ring.gap(100, 120);
    ring.append([logLine(121, "y", { timestamp: nowMs + 200_000 })]);
    expect(ring.indexAt(nowMs + 49_500) - ring.firstIndex).toBe(50);
    expect(ring.indexAt(0)).toBe(ring.firstIndex);
    expect(ring.indexAt(nowMs + 150_000) - ring.firstIndex).toBe(101);
    expect(ring.indexAt(nowMs + 300_000)).toBe(ring.endIndex);
  });

  it("starts afresh when cleared", () => {
    const ring = createLogRing({ capBytes: 2000 });
    ring.append(Array.from({ length: 200 }, (_, seq) => logLine(seq, "some text")));
    ring.find(/text/, "debug");
    ring.clear();
    expect([ring.endIndex - ring.firstIndex, ring.heldBytes, ring.droppedLines]).toEqual([0, 0, 0]);
    expect(ring.find(/text/, "debug")).toHaveLength(0);
  });

  it("holds a million lines in about their own size and searches them fast", () => {
    const ring = createLogRing({ capBytes: 160_000_000 });
    const message = "[mcmc] Progress @ 2026-11-21 09:40:12 : 4586 steps taken, and 1647 accepted. #";
    for (let from = 0; from < 1_000_000; from += 10_000) {
      ring.append(Array.from({ length: 10_000 }, (_, at) => logLine(from + at, message + String(from + at))));
    }
    expect(ring.endIndex - ring.firstIndex).toBe(1_000_000);
    expect(ring.heldBytes).toBeLessThan(120_000_000);
    const begin = process.cpuUsage();
    expect(ring.find(/#777777$/gi, "debug")).toHaveLength(1);
    // About 50 ms alone; several times that beside other work, and far more if lines were decoded one by one.
    expect(process.cpuUsage(begin).user / 1000).toBeLessThan(400);
  });
});
