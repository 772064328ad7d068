import { describe, expect, test } from "vitest";
import {
  autocorrelationTime,
  effectiveSize,
  momentsOf,
  quantile,
} from "../../../src/lab/templates/chain-statistics.js";
import { meanCovariance, rminus1OfBounds, rminus1OfMeans } from "../../../src/lab/templates/gelman-rubin.js";
import { cholesky, eigenvalues, inverse, multiply } from "../../../src/lab/templates/matrix.js";
import { createRandom } from "../../../src/lab/templates/random.js";

const row = (value: number, weight = 1) => ({ weight, minusLogPost: 0, values: [value] });

describe("R-1", () => {
  test("one parameter, by hand: variance of the means 2 over the weighted mean variance 7", () => {
    const chains = [
      { accepted: 10, acceptance: 0.3, mean: [0], covariance: [[4]] },
      { accepted: 30, acceptance: 0.3, mean: [2], covariance: [[8]] },
    ];
    expect(meanCovariance(chains)).toEqual([[7]]);
    expect(rminus1OfMeans(chains)).toBeCloseTo(2 / 7, 12);
  });

  test("two parameters, by hand: the largest eigenvalue of [[2, 1], [1, 1/2]] is 5/2", () => {
    const covariance = [
      [1, 0],
      [0, 4],
    ];
    const chains = [
      [0, 0],
      [2, 2],
    ].map((mean) => ({ accepted: 5, acceptance: 1, mean, covariance }));
    expect(rminus1OfMeans(chains)).toBeCloseTo(2.5, 12);
  });

  test("it does not depend on the units of a parameter", () => {
    const chains = (unit: number) =>
      [0.1, 0.4, 0.2].map((mean, n) => ({
        accepted: 10 + n,
        acceptance: 1,
        mean: [mean, unit * (1 - mean ** 2)],
        covariance: [
          [1, 0.3 * unit],
          [0.3 * unit, 2 * unit ** 2],
        ],
      }));
    expect(rminus1OfMeans(chains(1e5))! / rminus1OfMeans(chains(1))!).toBeCloseTo(1, 9);
  });

  test("chains that have not moved have none", () => {
    expect(
      rminus1OfMeans([0, 1].map((mean) => ({ accepted: 1, acceptance: 1, mean: [mean], covariance: [[0]] }))),
    ).toBeNull();
  });

  test("of the bounds, by hand: ends 1 and 3 spread by 1, in units of sigma 2", () => {
    // One row of the first half, then a second half in which every quantile is the same value.
    const chains = [1, 3].map((value) => [row(99), row(value, 5)]);
    expect(rminus1OfBounds(chains, [[4]])).toBeCloseTo(0.5, 12);
  });
});

describe("moments", () => {
  test("of the second half, each row counting as often as the chain stayed there", () => {
    const moments = momentsOf([row(50), row(60), row(1, 1), row(4, 2)]);
    // 1, 4, 4: mean 3, variance (4 + 1 + 1) / 2.
    expect(moments).toEqual({ accepted: 4, mean: [3], covariance: [[3]], acceptance: 2 / 3 });
    expect(quantile([row(9), row(9), row(1, 1), row(4, 3)], 0, 0.25)).toBe(1);
    expect(quantile([row(9), row(9), row(1, 1), row(4, 3)], 0, 0.3)).toBe(4);
  });

  test("autocorrelation time of a first-order process is (1 + φ) / (1 - φ)", () => {
    const random = createRandom(3);
    let x = 0;
    const series = Array.from({ length: 60_000 }, () => (x = 0.8 * x + random.normal()));
    expect(autocorrelationTime(series)).toBeGreaterThan(0.9 * 9);
    expect(autocorrelationTime(series)).toBeLessThan(1.1 * 9);
    const chain = series.map((value) => row(value));
    const ess = effectiveSize([chain, chain], 0);
    expect(ess).toBeGreaterThan((0.85 * 60_000) / 9);
    expect(ess).toBeLessThan((1.15 * 60_000) / 9);
  });
});

describe("matrices", () => {
  const matrix = [
    [4, 2, 0.6],
    [2, 5, 1.5],
    [0.6, 1.5, 3],
  ];

  test("inverse times matrix is one", () => {
    multiply(inverse(matrix) ?? [], matrix).forEach((line, i) =>
      line.forEach((value, j) => expect(value).toBeCloseTo(i === j ? 1 : 0, 12)),
    );
    expect(
      cholesky([
        [1, 2],
        [2, 1],
      ]),
    ).toBeNull();
  });

  test("eigenvalues have the trace, the determinant and the sum of squares of the matrix", () => {
    const values = eigenvalues(matrix);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(12, 10);
    expect(values.reduce((product, value) => product * value, 1)).toBeCloseTo(
      4 * (15 - 2.25) - 2 * (6 - 0.9) + 0.6 * (3 - 3),
      9,
    );
    expect(values.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(50 + 2 * (4 + 0.36 + 2.25), 9);
  });
});

test("the random numbers are what they say", () => {
  const random = createRandom(1);
  const normals = Array.from({ length: 40_000 }, () => random.normal());
  const mean = normals.reduce((sum, value) => sum + value, 0) / normals.length;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(normals.reduce((sum, value) => sum + value ** 2, 0) / normals.length).toBeCloseTo(1, 1);
  expect(normals.filter((value) => Math.abs(value) > 1.96).length / normals.length).toBeCloseTo(0.05, 2);
  const uniforms = Array.from({ length: 1000 }, () => random.uniform());
  expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...uniforms)).toBeLessThan(1);
  expect(createRandom(1, 2).uniform()).not.toBe(createRandom(1, 3).uniform());
  expect(createRandom(1, 2).uniform()).toBe(createRandom(1, 2).uniform());
});
