import fc from "fast-check";
import { expect, test } from "vitest";
import { levelOf } from "../../../src/chain/level.js";
import { colouredLine, displayLine } from "../../../src/chain/terminal-line.js";
import { groupLine, maxGroupLines, noGroups, type OpenGroups } from "../../../src/chain/traceback.js";
import {
  type Block,
  blockBytes,
  headOf,
  indexChunk,
  indexStart,
  openColumn,
  openOf,
} from "../../../src/lab/capture/block-index.js";

/** Time of each property; the seed of a failure is printed with its example, and `FUZZ_SEED` runs it again. */
const boxMs = 1000;
const given = Number(process.env["FUZZ_SEED"]);
const seed = Number.isInteger(given) && given !== 0 ? given : Date.now() % 2 ** 31;
const box = { seed, interruptAfterTimeLimit: boxMs, markInterruptAsFailure: false, numRuns: 1_000_000 };

/** What logs are made of, and what they should not be made of. */
const words = fc.constantFrom(
  "Traceback (most recent call last):\n",
  '  File "a.py", line 1, in f\n',
  "ValueError: x\n",
  "During handling of the above exception, another exception occurred:\n",
  "[rank0]: ",
  "[rank1]: Traceback (most recent call last):\n",
  "ERROR: y\n",
  "\tat a.B.c(B.java:3)\n",
  "MPI_ABORT was invoked on rank 0\n",
  "WARNING: z\n",
  '{"level":"error"}\n',
  "\r 10%|█ |\x1b[A",
  "\x1b[31mred\x1b[0m",
  "\x1b[999C",
  "\n",
  "\n\n",
  "é",
  "\x9b31m",
  "E0101 12:00:00.1 7 f.cc:1] q\n",
);
const piece = fc.oneof(words, fc.string({ unit: "binary", maxLength: 30 }));
const joined = (parts: readonly string[]) => Buffer.from(parts.join(""));
const bytes = fc.oneof(
  fc.array(piece, { maxLength: 60 }).map(joined),
  fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
);
/** Tracebacks over more than a block. */
const long = fc
  .array(words, { minLength: 10, maxLength: 40 })
  .map((parts) => joined(Array.from({ length: 300 }, () => parts.join(""))));
const output = fc.oneof({ weight: 9, arbitrary: bytes }, { weight: 1, arbitrary: long });

interface Line {
  readonly seq: number;
  readonly level: string;
  readonly group: number | null;
}

/** Lines as a reader sees them: each block from its own row. */
function linesOf(whole: Buffer, blocks: readonly Block[], end: number): Line[] {
  return blocks.flatMap((block, index) => {
    const text = whole.subarray(block.off, blocks[index + 1]?.off ?? end);
    let open: OpenGroups = openOf(openColumn(block.open));
    const lines: Line[] = [];
    for (let at = 0; lines.length < block.lines; ) {
      const stop = text.indexOf(10, at);
      const to = stop === -1 ? text.length : stop;
      const next = Math.min(to + 1, text.length);
      const seq = block.seq + lines.length;
      const judged = groupLine(open, { seq, text: headOf(text, at, to), bytes: next - at });
      open = judged.open;
      lines.push({ seq, level: judged.level, group: judged.group });
      at = next;
    }
    const counts = { debug: 0, info: 0, warn: 0, error: 0 };
    for (const { level } of lines) counts[level as keyof typeof counts] += 1;
    expect(block.counts).toEqual(counts);
    return lines;
  });
}

/** Indexed as a follower would who sees it grow by these steps and reads so much at a time. */
function index(whole: Buffer, steps: readonly number[], chunkBytes: number) {
  const blocks: Block[] = [];
  let state = indexStart;
  let written = 0;
  for (const step of [...steps, Infinity]) {
    written = Math.min(whole.length, written + step);
    const final = step === Infinity;
    for (let drained = false; !drained; ) {
      const from = state.off + (state.long?.bytes ?? 0);
      const chunk = whole.subarray(from, Math.min(written, from + chunkBytes));
      const full = chunk.length === chunkBytes;
      const indexed = indexChunk(chunk, state, { full, final: final && !full });
      // As through the database and back: a lab may restart anywhere that no long line is open.
      state =
        indexed.state.long === null
          ? { ...indexed.state, open: openOf(openColumn(indexed.state.open)) }
          : indexed.state;
      blocks.push(...indexed.blocks);
      drained = !full;
    }
  }
  return { blocks, state };
}

test("cut anywhere, a log has the same lines, levels and tracebacks, and its offsets are dense", () => {
  fc.assert(
    fc.property(
      output,
      fc.array(fc.nat(80), { maxLength: 30 }),
      fc.integer({ min: 1100, max: 4000 }),
      (whole, steps, chunk) => {
        const uncut = index(whole, [], 4 * blockBytes);
        const cut = index(whole, steps, chunk);
        const lines = linesOf(whole, uncut.blocks, whole.length);
        expect(JSON.stringify(linesOf(whole, cut.blocks, whole.length))).toBe(JSON.stringify(lines));
        expect(lines.every(({ seq }, at) => seq === at)).toBe(true);
        expect([cut.state.off, cut.state.seq]).toEqual([whole.length, lines.length]);
        let off = 0;
        for (const [at, block] of cut.blocks.entries()) {
          expect(block.off).toBe(off);
          off = cut.blocks[at + 1]?.off ?? whole.length;
        }
        const astray = lines.filter(
          ({ seq, group, level }) =>
            group !== null && (group >= seq || seq - group >= maxGroupLines || lines[group]?.level !== level),
        );
        expect(astray).toEqual([]);
      },
    ),
    box,
  );
});

test("what is shown of any line moves no cursor, and has its colours back at the end", () => {
  fc.assert(
    fc.property(bytes, (whole) => {
      const shown = displayLine(whole);
      expect(shown).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      const coloured = colouredLine(whole);
      if (coloured === null) return;
      expect(coloured.replace(/\x1b\[[0-9:;]*m/g, "")).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      const [last] = coloured.match(/\x1b\[[0-9:;]*m(?!.*\x1b)/s) ?? [];
      expect(last).toBe("\x1b[0m");
    }),
    box,
  );
});

test("levels and tracebacks are judged without error, and open ones stay few", () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 40 }), (lines) => {
      let open: OpenGroups = noGroups;
      for (const [seq, line] of lines.entries()) {
        const text = line.toString("utf8", 0, 200);
        expect(["debug", "info", "warn", "error"]).toContain(levelOf(text));
        open = groupLine(open, { seq, text, bytes: line.length + 1 }).open;
        expect(open.length).toBeLessThanOrEqual(16);
        expect((openColumn(open) ?? "").length).toBeLessThan(16 * 260);
      }
    }),
    box,
  );
});
