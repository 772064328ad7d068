import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import {
  type Block,
  blockBytes,
  indexChunk,
  maxLineBytes,
  indexStart as start,
} from "../../../src/lab/capture/block-index.js";

/** Indexes bytes as a follower would: chunks of some size, what was left over shown again. */
function indexAll(bytes: Buffer, chunkBytes: number, growBy = Infinity) {
  const blocks: Block[] = [];
  let state = start;
  for (let written = 0, final = false; !final; ) {
    written = Math.min(bytes.length, written + growBy);
    final = written === bytes.length;
    for (let drained = false; !drained; ) {
      const from = state.off + (state.long?.bytes ?? 0);
      const chunk = bytes.subarray(from, Math.min(written, from + chunkBytes));
      const full = chunk.length === chunkBytes;
      const indexed = indexChunk(chunk, state, { full, final: final && !full });
      blocks.push(...indexed.blocks);
      state = indexed.state;
      drained = !full;
    }
  }
  return { blocks, state };
}

/** Number of the line that starts at each offset where one does. */
function lineNumbers(bytes: Buffer): Map<number, number> {
  const numbers = new Map([[0, 0]]);
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) numbers.set(at + 1, numbers.size);
  return numbers;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])("random bytes %i: every block starts at a line and carries its number", (round) => {
  // Half the rounds have few newlines, so that lines outgrow chunks and blocks.
  const bytes = Buffer.from(randomBytes(300_000 + round).map((byte) => (round % 2 === 0 && byte === 10 ? 11 : byte)));
  for (let at = 5; at < bytes.length; at += 60_000 * round) bytes[at] = 10;
  const numbers = lineNumbers(bytes);
  const { blocks, state } = indexAll(bytes, 4096 * round, 10_000 * round);
  let [off, seq] = [0, 0];
  for (const [index, block] of blocks.entries()) {
    expect(block).toMatchObject({ off, seq: numbers.get(block.off) });
    expect(Object.values(block.counts).reduce((sum, count) => sum + count, 0)).toBe(block.lines);
    off = blocks[index + 1]?.off ?? state.off;
    seq += block.lines;
    expect(block.seq + block.lines).toBe(seq);
    if (block.lines > 1) expect(off - block.off).toBeLessThanOrEqual(blockBytes);
  }
  expect(state).toMatchObject({ off: bytes.length, seq, long: null });
});

test("an unfinished line waits for its end, unless nothing more comes", () => {
  const text = Buffer.from("one\ntwo");
  const waiting = indexChunk(text, start, { full: false, final: false });
  expect(waiting).toMatchObject({ used: 4, state: { off: 4, seq: 1 } });
  const final = indexChunk(text, start, { full: false, final: true });
  expect(final).toMatchObject({ used: 7, state: { off: 7, seq: 2 } });
});

test("a line of 10 MB is one line in a block of its own", () => {
  const bytes = Buffer.from(`before\n${"x".repeat(10_000_000)}\nafter\n`);
  const { blocks, state } = indexAll(bytes, 256 * 1024);
  expect(blocks.map(({ off, seq, lines }) => [off, seq, lines])).toEqual([
    [0, 0, 1],
    [7, 1, 1],
    [10_000_008, 2, 1],
  ]);
  expect(state.seq).toBe(3);
});

test("a line that never ends is cut, so that it is seen at last", () => {
  const { state, blocks } = indexAll(Buffer.alloc(maxLineBytes + 300_000, "x"), 256 * 1024);
  expect(blocks).toHaveLength(2);
  expect(state.seq).toBe(2);
});

test("counts lines by level", () => {
  const text = Buffer.from("plain\nWARNING: low\n[mcmc] *ERROR* stuck\nDEBUG x\nValueError: no\n");
  expect(indexChunk(text, start, { full: false, final: false }).blocks).toEqual([
    { off: 0, seq: 0, lines: 5, counts: { debug: 1, info: 1, warn: 1, error: 2 }, open: [] },
  ]);
});
