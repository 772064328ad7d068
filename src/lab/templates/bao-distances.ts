import { dot, inverse, type Matrix } from "./matrix.js";

/** Speed of light in km/s. */
const lightSpeedKmS = 299_792.458;

/** A distance over the sound horizon r_d, with its standard deviation. */
type Measured = readonly [value: number, sigma: number];

interface Isotropic {
  readonly tracer: string;
  readonly z: number;
  /** D_V / r_d. */
  readonly dv: Measured;
}

interface Anisotropic {
  readonly tracer: string;
  readonly z: number;
  /** D_M / r_d. */
  readonly dm: Measured;
  /** D_H / r_d. */
  readonly dh: Measured;
  /** Correlation coefficient of the two. */
  readonly correlation: number;
}

/**
 * Baryon acoustic oscillation distances of the first year of DESI: DESI Collaboration 2024, "DESI 2024 VI: Cosmological
 * Constraints from the Measurements of Baryon Acoustic Oscillations", arXiv:2404.03002, Table 1. Different redshifts are
 * independent.
 */
export const baoDistances: readonly (Isotropic | Anisotropic)[] = [
  { tracer: "BGS", z: 0.295, dv: [7.93, 0.15] },
  { tracer: "LRG1", z: 0.51, dm: [13.62, 0.25], dh: [20.98, 0.61], correlation: -0.445 },
  { tracer: "LRG2", z: 0.706, dm: [16.85, 0.32], dh: [20.08, 0.6], correlation: -0.42 },
  { tracer: "LRG3+ELG1", z: 0.93, dm: [21.71, 0.28], dh: [17.88, 0.35], correlation: -0.389 },
  { tracer: "ELG2", z: 1.317, dm: [27.79, 0.69], dh: [13.82, 0.42], correlation: -0.444 },
  { tracer: "QSO", z: 1.491, dv: [26.07, 0.67] },
  { tracer: "Lya QSO", z: 2.33, dm: [39.71, 0.94], dh: [8.52, 0.17], correlation: -0.477 },
];

/** A flat universe with matter and dark energy of constant equation of state; `w0` -1 is ΛCDM. */
export interface Cosmology {
  readonly omegaM: number;
  /** H0 · r_d in km/s. */
  readonly h0rd: number;
  readonly w0: number;
}

/** The distances of one row in its own order: [D_V] or [D_M, D_H], each over r_d. */
export type Distances = readonly [number] | readonly [number, number];

/** H(z) / H0. */
function expansion(z: number, { omegaM, w0 }: Cosmology): number {
  const a = 1 + z;
  const darkEnergy = w0 === -1 ? 1 : a ** (3 * (1 + w0));
  return Math.sqrt(omegaM * a * a * a + (1 - omegaM) * darkEnergy);
}

/** ∫ dz / E(z) from 0 by Simpson's rule; 64 intervals leave a relative error below 1e-8 up to z = 2.33. */
function comovingIntegral(z: number, cosmology: Cosmology): number {
  const intervals = 64;
  const step = z / intervals;
  let sum = 1 / expansion(0, cosmology) + 1 / expansion(z, cosmology);
  for (let index = 1; index < intervals; index++) {
    sum += (index % 2 === 1 ? 4 : 2) / expansion(index * step, cosmology);
  }
  return (sum * step) / 3;
}

/** What a cosmology predicts for each row of {@link baoDistances}. */
export function predictedDistances(cosmology: Cosmology): readonly Distances[] {
  const scale = lightSpeedKmS / cosmology.h0rd;
  return baoDistances.map((row): Distances => {
    const dh = scale / expansion(row.z, cosmology);
    const dm = scale * comovingIntegral(row.z, cosmology);
    return "dv" in row ? [Math.cbrt(row.z * dm * dm * dh)] : [dm, dh];
  });
}

/** Covariance of each row, in the order of {@link Distances}. */
export const baoCovariance: readonly Matrix[] = baoDistances.map((row) => {
  if ("dv" in row) return [[row.dv[1] ** 2]];
  const [sm, sh] = [row.dm[1], row.dh[1]];
  const cross = row.correlation * sm * sh;
  return [
    [sm * sm, cross],
    [cross, sh * sh],
  ];
});

const precision: readonly Matrix[] = baoCovariance.map((covariance) => inverse(covariance) ?? []);

const observed: readonly Distances[] = baoDistances.map((row) => ("dv" in row ? [row.dv[0]] : [row.dm[0], row.dh[0]]));

/** χ² of a cosmology against the measured distances: twice the negative logarithm of the likelihood. */
export function baoChi2(cosmology: Cosmology): number {
  return predictedDistances(cosmology).reduce((sum, predicted, index) => {
    const off = predicted.map((value, column) => value - (observed[index]?.[column] ?? Number.NaN));
    return sum + (precision[index] ?? []).reduce((chi2, row, i) => chi2 + (off[i] ?? 0) * dot(row, off), 0);
  }, 0);
}
