/** Samples in the running median: long against an anomaly, short against the star's own changes. */
const window = 21;

/** Samples over the threshold that are no further apart than this are one detection. */
const sameEvent = 4;

/** A detection counts for an injection if it is this close. */
const matchDistance = 4;

/** Makes the median absolute deviation of a Gaussian its standard deviation. */
const madToSigma = 1.4826;

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** How far each sample is from the median of its surroundings, in robust standard deviations of the whole curve. */
export function robustScores(flux: readonly number[]): readonly number[] {
  const half = (window - 1) / 2;
  const residuals = flux.map(
    (value, index) => value - medianOf(flux.slice(Math.max(0, index - half), index + half + 1)),
  );
  const centre = medianOf(residuals);
  const sigma = madToSigma * medianOf(residuals.map((residual) => Math.abs(residual - centre)));
  return residuals.map((residual) => (residual - centre) / sigma);
}

/** Where scores exceed the threshold in size: the first sample of each event. */
export function detect(scores: readonly number[], threshold: number): readonly number[] {
  const found: number[] = [];
  let last = -Infinity;
  for (const [index, score] of scores.entries()) {
    if (Math.abs(score) < threshold) continue;
    if (index - last > sameEvent) found.push(index);
    last = index;
  }
  return found;
}

export interface Count {
  readonly injected: number;
  readonly recovered: number;
  readonly falsePositives: number;
}

/** How many injections were found, and how many detections belong to none. */
export function countMatches(injected: readonly number[], detected: readonly number[]): Count {
  const close = (a: number, b: number) => Math.abs(a - b) <= matchDistance;
  return {
    injected: injected.length,
    recovered: injected.filter((place) => detected.some((found) => close(place, found))).length,
    falsePositives: detected.filter((found) => !injected.some((place) => close(place, found))).length,
  };
}
