import { expect, test } from "vitest";
import { baoChi2, baoDistances, predictedDistances } from "../../../src/lab/templates/bao-distances.js";
import { independentChi2, independentDistances } from "./independent-bao.js";

const cosmologies = [
  { omegaM: 0.295, h0rd: 10_180, w0: -1 },
  { omegaM: 0.05, h0rd: 14_000, w0: -1 },
  { omegaM: 0.6, h0rd: 8000, w0: -0.7 },
];

test("the table is the published one", () => {
  expect(baoDistances.map(({ tracer }) => tracer)).toEqual([
    "BGS",
    "LRG1",
    "LRG2",
    "LRG3+ELG1",
    "ELG2",
    "QSO",
    "Lya QSO",
  ]);
});

test.each(cosmologies)("distances agree with a plain fine integration at %o", (cosmology) => {
  const independent = independentDistances(cosmology);
  const ours = predictedDistances(cosmology).flat();
  expect(ours).toHaveLength(12);
  for (const [index, distance] of ours.entries()) expect(distance / independent[index]!).toBeCloseTo(1, 6);
});

test.each(cosmologies)("chi² agrees with the textbook form of a correlated pair at %o", (cosmology) => {
  expect(baoChi2(cosmology) / independentChi2(cosmology)).toBeCloseTo(1, 5);
});

test("the published best fit of flat ΛCDM fits: chi² about the number of distances less two", () => {
  expect(baoChi2({ omegaM: 0.295, h0rd: 10_180, w0: -1 })).toBeGreaterThan(6);
  expect(baoChi2({ omegaM: 0.295, h0rd: 10_180, w0: -1 })).toBeLessThan(18);
});
