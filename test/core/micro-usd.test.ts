import { describe, expect, it } from "vitest";
import { apportion, microsBetween, microsOf, usdOf } from "../../src/core/micro-usd.js";
import { randomOf } from "../lab/money/random.js";

const hourMs = 3_600_000;
const seeds = Array.from({ length: 200 }, (_, seed) => seed);

describe("micro-dollars", () => {
  it.each([
    [3.59, 3_590_000],
    [0.000001, 1],
    [0.0000005, 1],
    [-0.0000005, -1],
    [1.0000005, 1_000_001],
    [1e-7, 0],
    [2.5e-6, 3],
    ["12.3456789", 12_345_679],
    ["1E-6", 1],
    [0, 0],
    [80_000, 80_000_000_000],
  ])("%s USD are %i", (usd, micros) => {
    expect(microsOf(usd)).toBe(micros);
  });

  it.each([null, undefined, "", "free", Number.NaN, Infinity])("%s is no amount", (usd) => {
    expect(microsOf(usd)).toBeNull();
  });

  it("go to the wire and come back the same", () => {
    for (const seed of seeds) {
      const micros = randomOf(seed).integer(-1e12, 1e12);
      expect(microsOf(usdOf(micros)), `seed ${seed}`).toBe(micros);
    }
    expect(usdOf(null)).toBeNull();
  });
});

describe("a price per hour over time", () => {
  it("is exact over whole hours, wherever they start", () => {
    expect(microsBetween(3_590_000, { fromMs: 0, toMs: hourMs })).toBe(3_590_000);
    expect(microsBetween(3_590_000, { fromMs: 1_234_567, toMs: 1_234_567 + 24 * hourMs })).toBe(24 * 3_590_000);
  });

  it("adds up to the same however the time is sliced", () => {
    for (const seed of seeds) {
      const { integer } = randomOf(seed);
      const rate = integer(1, 100_000_000);
      const whole = integer(1, 64);
      const share = { part: integer(1, whole), whole };
      const from = 1_790_000_000_000 + integer(0, 86_400_000);
      const to = from + integer(1, 10 * hourMs);
      const cuts = Array.from({ length: integer(0, 60) }, () => integer(from, to));
      const moments = [from, ...cuts.sort((a, b) => a - b), to];
      const sum = moments
        .slice(1)
        .reduce((total, at, index) => total + microsBetween(rate, { fromMs: moments[index] ?? 0, toMs: at }, share), 0);
      expect(sum, `seed ${seed}`).toBe(microsBetween(rate, { fromMs: from, toMs: to }, share));
      const exact = (rate * (to - from) * share.part) / (hourMs * share.whole);
      expect(Math.abs(sum - exact), `seed ${seed}`).toBeLessThan(1.001);
    }
  });

  it("is nothing for time that runs backwards and for a price of nothing", () => {
    expect(microsBetween(1_000_000, { fromMs: 10, toMs: 5 })).toBe(0);
    expect(microsBetween(0, { fromMs: 0, toMs: hourMs })).toBe(0);
  });
});

describe("apportioning", () => {
  it("gives everything away, to each what its weight is worth", () => {
    for (const seed of seeds) {
      const { integer } = randomOf(seed);
      const amount = integer(0, 1e10);
      const weights = Array.from({ length: integer(1, 9) }, () => integer(0, 1e9));
      const parts = apportion(amount, weights);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total === 0 ? 0 : amount);
      for (const [index, part] of parts.entries()) {
        expect(Math.abs(part - (amount * (weights[index] ?? 0)) / Math.max(1, total))).toBeLessThan(1.001);
      }
    }
  });
});
