import { expect, test } from "vitest";
import { createMetropolisChain } from "../../../src/lab/templates/metropolis.js";
import { createRandom } from "../../../src/lab/templates/random.js";

const chainOn = (minusLogPost: (values: readonly number[]) => number, burnIn = 0) =>
  createMetropolisChain({ rank: 0, random: createRandom(4), start: [0], proposal: [[1]], burnIn, minusLogPost });

test("it samples the distribution it is given", () => {
  const chain = chainOn(([x = 0]) => (x - 3) ** 2 / (2 * 0.25));
  for (let n = 0; n < 40_000; n++) chain.step();
  const total = chain.rows.reduce((sum, { weight }) => sum + weight, 0);
  const mean = chain.rows.reduce((sum, { weight, values }) => sum + weight * values[0]!, 0) / total;
  const variance = chain.rows.reduce((sum, { weight, values }) => sum + weight * (values[0]! - mean) ** 2, 0) / total;
  expect(mean).toBeCloseTo(3, 1);
  expect(variance).toBeGreaterThan(0.9 * 0.25);
  expect(variance).toBeLessThan(1.1 * 0.25);
  expect(chain.rows.at(-1)!.minusLogPost).toBeCloseTo((chain.rows.at(-1)!.values[0]! - 3) ** 2 / 0.5, 12);
});

test("every step is in a row or at the point it stands on", () => {
  const chain = chainOn(([x = 0]) => x ** 2 / 2);
  for (let n = 0; n < 1000; n++) chain.step();
  expect(chain.steps).toBe(1000);
  // The start counts as one more.
  expect(chain.rows.reduce((sum, { weight }) => sum + weight, 0) + chain.tries).toBe(1001);
});

test("accepted steps of the burn-in are thrown away, and its end is told once", () => {
  const chain = chainOn(() => 0, 5);
  const outcomes = Array.from({ length: 8 }, () => chain.step());
  expect(outcomes).toEqual([...Array<string>(4).fill("accepted"), "burned-in", ...Array<string>(3).fill("accepted")]);
  expect(chain.burnInLeft).toBe(0);
  expect(chain.rows).toHaveLength(3);
});

test("outside the prior nothing is accepted, and the tries are counted", () => {
  const chain = chainOn(([x = 0]) => (x === 0 ? 0 : Infinity));
  for (let n = 0; n < 20; n++) expect(chain.step()).toBe("rejected");
  expect(chain.tries).toBe(21);
  expect(chain.rows).toHaveLength(0);
});
