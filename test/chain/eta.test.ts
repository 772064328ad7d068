import { expect, test } from "vitest";
import { type Checkpoint, estimateEta } from "../../src/chain/eta.js";

const hourMs = 3_600_000;
/** R-1 = 40 / N exactly, 100 accepted steps an hour. */
const ideal = (count: number): Checkpoint[] =>
  Array.from({ length: count }, (_, n) => ({ step: 100 * (n + 1), value: 0.4 / (n + 1), at: hourMs * (n + 1) }));

test("hidden below six checkpoints, and without a pace", () => {
  expect(estimateEta(ideal(5), 0.01, 5 * hourMs)).toBeNull();
  expect(estimateEta(ideal(6), 0.01, 6 * hourMs)).not.toBeNull();
  expect(
    estimateEta(
      ideal(6).map((point) => ({ ...point, at: 0 })),
      0.01,
      0,
    ),
  ).toBeNull();
  expect(
    estimateEta(
      ideal(6).map((point) => ({ ...point, step: 0 })),
      0.01,
      0,
    ),
  ).toBeNull();
});

test("a chain that follows 1/N ends inside the range", () => {
  // 40 / N < 0.01 at N = 4000: 34 hours after the sixth checkpoint.
  const range = estimateEta(ideal(6), 0.01, 6 * hourMs);
  expect(range?.lowSteps).toBeCloseTo(4000 / 2.2, 6);
  expect(range?.highSteps).toBeCloseTo(5000, 6);
  expect(range?.lowMs).toBeLessThan(34 * hourMs);
  expect(range?.highMs).toBeGreaterThan(34 * hourMs);
  expect(range?.rising).toBe(false);
});

test("time that passed since the last checkpoint counts, and the range never goes below zero", () => {
  const early = estimateEta(ideal(6), 0.01, 6 * hourMs);
  const later = estimateEta(ideal(6), 0.01, 8 * hourMs);
  expect((early?.highMs ?? 0) - (later?.highMs ?? 0)).toBeCloseTo(2 * hourMs, 3);
  expect(estimateEta(ideal(6), 0.01, 1e6 * hourMs)).toMatchObject({ lowMs: 0, highMs: 0 });
});

test("a rise of R-1 widens the range upwards", () => {
  const rise = [...ideal(6), { step: 700, value: 0.4, at: 7 * hourMs }];
  const calm = estimateEta(ideal(7), 0.01, 7 * hourMs);
  const range = estimateEta(rise, 0.01, 7 * hourMs);
  expect(range?.rising).toBe(true);
  expect((range?.highSteps ?? 0) / (calm?.highSteps ?? 1)).toBeGreaterThan(1.9);
});

test("below the target one more test is still ahead", () => {
  const range = estimateEta(ideal(60), 0.01, 60 * hourMs);
  expect(range).toMatchObject({ lowMs: hourMs, highMs: hourMs });
});

test("NaN and infinity of early tests are left out", () => {
  const first = [Number.NaN, Infinity].map((value, n) => ({ step: n + 1, value, at: n }));
  expect(estimateEta([...first, ...ideal(6)], 0.01, 6 * hourMs)).toEqual(estimateEta(ideal(6), 0.01, 6 * hourMs));
});

test("one long pause does not spoil the pace", () => {
  const paused = ideal(12).map((point) => ({ ...point, at: point.step > 800 ? point.at + 500 * hourMs : point.at }));
  const range = estimateEta(paused, 0.01, 512 * hourMs);
  expect(range?.highMs).toBeLessThan(50 * hourMs);
});
