import fc from "fast-check";
import { expect, test } from "vitest";
import { keptRows, thinPoints } from "../../src/chain/thin-points.js";

const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 400 });
const rowsOf = (list: readonly number[]) => list.map((value, index) => ({ n: index * 3 + 1, value }));
const lowest = (rows: readonly { value: number }[]) => Math.min(...rows.map(({ value }) => value));
const highest = (rows: readonly { value: number }[]) => Math.max(...rows.map(({ value }) => value));

test.each([
  ["for pixels", (rows: ReturnType<typeof rowsOf>, most: number) => thinPoints(rows, most)],
  ["for the store", (rows: ReturnType<typeof rowsOf>, most: number) => keptRows(rows, most)],
])("thinning %s keeps first, last, lowest and highest, the order and the bound", (_, thin) => {
  fc.assert(
    fc.property(values, fc.integer({ min: 4, max: 60 }), (list, most) => {
      const rows = rowsOf(list);
      const kept = thin(rows, most);
      expect(kept.length).toBeLessThanOrEqual(Math.max(most, 0));
      expect(kept.map(({ n }) => n)).toEqual(kept.map(({ n }) => n).toSorted((a, b) => a - b));
      expect(kept.every((row) => rows.includes(row))).toBe(true);
      expect(kept[0]).toBe(rows[0]);
      expect(kept.at(-1)).toBe(rows.at(-1));
      if (rows.length === 0) return;
      expect([lowest(kept), highest(kept)]).toEqual([lowest(rows), highest(rows)]);
      if (rows.length <= most) expect(kept).toEqual(rows);
    }),
  );
});

test("every stretch keeps its own extremes: a peak beside a higher one is not lost", () => {
  const rows = rowsOf(
    Array.from({ length: 1000 }, (_, index) => (index === 100 ? 50 : index === 900 ? 90 : index % 2)),
  );
  const kept = thinPoints(rows, 20).map(({ value }) => value);
  expect(kept).toContain(50);
  expect(kept).toContain(90);
});

test("a line that is thinned again and again while it grows keeps its extremes", () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 8 }), fc.integer({ min: 4, max: 40 }), (parts, most) => {
      let n = 0;
      const all: { n: number; value: number }[] = [];
      let kept: readonly { n: number; value: number }[] = [];
      for (const part of parts) {
        const rows = part.map((value) => ({ n: ++n, value }));
        all.push(...rows);
        kept = keptRows([...kept, ...rows], most);
      }
      expect(lowest(kept)).toBe(lowest(all));
      expect(highest(kept)).toBe(highest(all));
      expect(keptRows(kept, most)).toEqual(kept);
    }),
  );
});

test("resolution is even: after ten thousand points the first half has about as many rows as the second", () => {
  let kept: readonly { n: number; value: number }[] = [];
  for (let n = 1; n <= 10_000; n++) {
    kept = [...kept, { n, value: Math.sin(n) }];
    if (kept.length > 200) kept = keptRows(kept, 100);
  }
  const early = kept.filter((row) => row.n <= 5000).length;
  expect(early).toBeGreaterThan(20);
  expect(kept.length).toBeLessThanOrEqual(200);
});
