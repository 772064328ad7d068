import type { Random } from "./random.js";

export interface LightCurve {
  /** Brightness at equal steps of time, in units of the measurement error. */
  readonly flux: readonly number[];
  /** Where an anomaly was injected: the first sample of each. */
  readonly injected: readonly number[];
}

export interface LightCurveShape {
  readonly points: number;
  readonly injections: number;
}

/** The star itself: a damped random walk (an Ornstein–Uhlenbeck process) with this memory, in samples, and amplitude. */
const memory = 120;
const amplitude = 3;

/** Anomalies: a jump of 5 to 12 measurement errors, up or down, that decays by this factor each sample. */
const jump = [5, 12] as const;
const decay = 0.5;

/** Closest distance of two anomalies, and of one to an end of the curve. */
export const separation = 25;

/** A star's brightness with anomalies at known places. */
export function createLightCurve(random: Random, { points, injections }: LightCurveShape): LightCurve {
  const persistence = Math.exp(-1 / memory);
  let star = amplitude * random.normal();
  const flux = Array.from({ length: points }, () => {
    star = persistence * star + amplitude * Math.sqrt(1 - persistence ** 2) * random.normal();
    return star + random.normal();
  });
  const injected = places(random, { points, injections });
  for (const place of injected) {
    const sign = random.uniform() < 0.5 ? -1 : 1;
    let height = sign * (jump[0] + (jump[1] - jump[0]) * random.uniform());
    for (let index = place; Math.abs(height) > 0.1 && index < points; index++, height *= decay) {
      flux[index] = (flux[index] ?? 0) + height;
    }
  }
  return { flux, injected };
}

/** Random places, one in each of as many equal parts of the curve, so that no two are close. */
function places(random: Random, { points, injections }: LightCurveShape): readonly number[] {
  const part = (points - separation) / injections;
  return Array.from({ length: injections }, (_, index) =>
    Math.floor(separation + index * part + random.uniform() * (part - separation)),
  );
}
