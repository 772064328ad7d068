/**
 * The likelihood of the sample chain once more, written apart from src/ on purpose: its own table (arXiv:2404.03002,
 * Table 1), its own integration, its own chi².
 */
export interface Universe {
  readonly omegaM: number;
  readonly h0rd: number;
  readonly w0: number;
}

/** z, D_V; or z, D_M, D_H and their correlation. */
const isotropic = [
  [0.295, 7.93, 0.15],
  [1.491, 26.07, 0.67],
] as const;
const anisotropic = [
  [0.51, 13.62, 0.25, 20.98, 0.61, -0.445],
  [0.706, 16.85, 0.32, 20.08, 0.6, -0.42],
  [0.93, 21.71, 0.28, 17.88, 0.35, -0.389],
  [1.317, 27.79, 0.69, 13.82, 0.42, -0.444],
  [2.33, 39.71, 0.94, 8.52, 0.17, -0.477],
] as const;

/** Midpoint rule with so many intervals that the error is below 1e-7. */
function distances(z: number, { omegaM, h0rd, w0 }: Universe, intervals: number) {
  const hubble = (x: number) => Math.sqrt(omegaM * (1 + x) ** 3 + (1 - omegaM) * (1 + x) ** (3 + 3 * w0));
  let integral = 0;
  for (let n = 0; n < intervals; n++) integral += z / intervals / hubble(((n + 0.5) * z) / intervals);
  const dm = (299792.458 / h0rd) * integral;
  const dh = 299792.458 / h0rd / hubble(z);
  return { dm, dh, dv: (z * dm ** 2 * dh) ** (1 / 3) };
}

/** In the order of redshift, as the paper's table has them. */
export function independentDistances(universe: Universe, intervals = 4000): number[] {
  const rows = [
    ...isotropic.map(([z]) => ({ z, values: [distances(z, universe, intervals).dv] })),
    ...anisotropic.map(([z]) => {
      const { dm, dh } = distances(z, universe, intervals);
      return { z, values: [dm, dh] };
    }),
  ];
  return rows.sort((a, b) => a.z - b.z).flatMap(({ values }) => values);
}

export function independentChi2(universe: Universe, intervals = 4000): number {
  let chi2 = 0;
  for (const [z, value, sigma] of isotropic) chi2 += ((distances(z, universe, intervals).dv - value) / sigma) ** 2;
  for (const [z, dm, dmSigma, dh, dhSigma, r] of anisotropic) {
    const model = distances(z, universe, intervals);
    const [x, y] = [(model.dm - dm) / dmSigma, (model.dh - dh) / dhSigma];
    chi2 += (x * x - 2 * r * x * y + y * y) / (1 - r * r);
  }
  return chi2;
}

/** Mean and standard deviation of the posterior of (Ω_m, H0 r_d) under flat priors, by summing over a grid. */
export function gridPosterior() {
  const [cells, intervals] = [81, 80];
  const axis = (from: number, to: number) =>
    Array.from({ length: cells }, (_, n) => from + ((to - from) * n) / (cells - 1));
  const points = axis(0.2, 0.4).flatMap((omegaM) => axis(9400, 11_000).map((h0rd) => ({ omegaM, h0rd })));
  const weights = points.map((point) => Math.exp(-independentChi2({ ...point, w0: -1 }, intervals) / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const moment = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point, n) => sum + weights[n]! * of(point), 0) / total;
  const [omegaM, h0rd] = [moment((point) => point.omegaM), moment((point) => point.h0rd)];
  return {
    omegaM: { mean: omegaM, std: Math.sqrt(moment((point) => (point.omegaM - omegaM) ** 2)) },
    h0rd: { mean: h0rd, std: Math.sqrt(moment((point) => (point.h0rd - h0rd) ** 2)) },
  };
}
