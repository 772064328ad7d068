import { baoCovariance, type Cosmology, type Distances, predictedDistances } from "./bao-distances.js";
import { diagonal, dot, inverse, type Matrix, scaled } from "./matrix.js";

export type FisherParameter = keyof Cosmology;

/** How far a parameter is moved to take a derivative: small against its posterior, large against rounding. */
const steps: Readonly<Record<FisherParameter, number>> = { omegaM: 0.01, h0rd: 50, w0: 0.02 };

/** The survey: how many times the sky area of DESI's first year, and a relative error of every distance that no area beats. */
export interface Survey {
  readonly areaFactor: number;
  readonly systematicFloor: number;
}

export interface Forecast {
  /** Marginalised standard deviations, in the order of the parameters. */
  readonly sigmas: readonly number[];
  readonly correlations: Matrix;
  /** 1 / sqrt(det covariance) of the first and the last parameter: the inverse area of their joint ellipse, up to a constant. */
  readonly figureOfMerit: number;
}

/**
 * ∂ distance / ∂ parameter of every row: central differences of step h and h/2, combined so that the h² error cancels
 * (Richardson).
 */
function derivatives(at: Cosmology, parameter: FisherParameter): readonly (readonly number[])[] {
  const central = (step: number) => {
    const up = predictedDistances({ ...at, [parameter]: at[parameter] + step });
    const down = predictedDistances({ ...at, [parameter]: at[parameter] - step });
    return up.map((row, index) => row.map((value, column) => (value - (down[index]?.[column] ?? 0)) / (2 * step)));
  };
  const [coarse, fine] = [central(steps[parameter]), central(steps[parameter] / 2)];
  return fine.map((row, index) => row.map((value, column) => (4 * value - (coarse[index]?.[column] ?? 0)) / 3));
}

function surveyPrecision(index: number, distances: Distances, survey: Survey): Matrix {
  const statistical = scaled(baoCovariance[index] ?? [], 1 / survey.areaFactor);
  const floor = diagonal(distances.map((distance) => (distance * survey.systematicFloor) ** 2));
  return inverse(statistical.map((row, i) => row.map((value, j) => value + (floor[i]?.[j] ?? 0)))) ?? [];
}

/** F = Σ over redshifts of ∂dᵀ C⁻¹ ∂d: the curvature of χ²/2 at `at`, if the universe is like that. */
export function fisherMatrix(at: Cosmology, parameters: readonly FisherParameter[], survey: Survey): Matrix {
  const slopes = parameters.map((parameter) => derivatives(at, parameter));
  const distances = predictedDistances(at);
  const precisions = distances.map((row, index) => surveyPrecision(index, row, survey));
  return slopes.map((left) =>
    slopes.map((right) =>
      precisions.reduce(
        (sum, precision, index) =>
          sum + precision.reduce((part, row, i) => part + (left[index]?.[i] ?? 0) * dot(row, right[index] ?? []), 0),
        0,
      ),
    ),
  );
}

/** null if the data can't tell the parameters apart. */
export function forecastOf(fisher: Matrix): Forecast | null {
  const covariance = inverse(fisher);
  if (covariance === null) return null;
  const sigmas = covariance.map((row, index) => Math.sqrt(row[index] ?? Number.NaN));
  const correlations = covariance.map((row, i) => row.map((value, j) => value / ((sigmas[i] ?? 0) * (sigmas[j] ?? 0))));
  const last = sigmas.length - 1;
  const free = 1 - (correlations[0]?.[last] ?? 0) ** 2;
  return { sigmas, correlations, figureOfMerit: 1 / ((sigmas[0] ?? 0) * (sigmas[last] ?? 0) * Math.sqrt(free)) };
}
