export const hourMs = 3_600_000;

/**
 * USD as whole micro-dollars, rounded half away from zero by its decimal digits: `1.0000005` is 1000001, whatever the nearest double
 * is. null for what is no number.
 */
export function microsOf(amountUsd: number | string | null | undefined): number | null {
  const text = String(amountUsd ?? "").trim();
  const [digits = "", exponent = "0"] = text.toLowerCase().split("e");
  // Shifting by the exponent reads the decimal digits once more; multiplying would round twice.
  const shifted = digits === "" ? Number.NaN : Number(`${digits}e${Number(exponent) + 6}`);
  if (!Number.isFinite(shifted)) return null;
  return Math.sign(shifted) * Math.round(Math.abs(shifted)) + 0;
}

/** What the wire carries. Unknown stays null. */
export function usdOf(micros: number): number;
export function usdOf(micros: number | null): number | null;
export function usdOf(micros: number | null): number | null {
  return micros === null ? null : micros / 1e6;
}

/** A share of a price: `part` of `whole` slots. */
export interface Share {
  readonly part: number;
  readonly whole: number;
}

const everything: Share = { part: 1, whole: 1 };

/**
 * What a price per hour comes to between two moments, in whole micro-dollars. It is the climb of a staircase that stands still in time:
 * neighbouring stretches add up to exactly what the whole stretch costs, however it is sliced, and nothing is carried along. Any
 * stretch is right to less than one micro-dollar; whole hours are exact.
 */
export function microsBetween(
  microsPerHour: number,
  span: { readonly fromMs: number; readonly toMs: number },
  share: Share = everything,
): number {
  if (span.toMs <= span.fromMs || microsPerHour <= 0) return 0;
  const stairs = (atMs: number) =>
    (BigInt(Math.round(microsPerHour)) * BigInt(Math.round(atMs)) * BigInt(share.part)) /
    (BigInt(hourMs) * BigInt(share.whole));
  return Number(stairs(span.toMs) - stairs(span.fromMs));
}

/** Splits a whole number by weights so that the parts add up to it exactly; without any weight nobody gets anything. */
export function apportion(amount: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0) return weights.map(() => 0);
  let reached = 0;
  let given = 0;
  return weights.map((weight) => {
    reached += weight;
    const upTo = Number((BigInt(amount) * BigInt(reached)) / BigInt(total));
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
