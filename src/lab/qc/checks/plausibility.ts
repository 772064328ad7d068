import type { QcCheck } from "../../../contract/qc.js";
import { type Bound, boundText } from "../bound.js";
import { type Facts, type Gate, keptValue, shortNumber, valueOf } from "../facts.js";
import { parameterValue } from "../metric-names.js";

const gate = "plausibility";

/**
 * Every parameter lies where it may lie at all. A column too far to the left gives a parameter the value of its neighbour, and
 * no convergence gate sees that: so the reason names the parameter whose range the value would fit.
 */
export const plausibility: Gate = {
  name: gate,
  judge(facts) {
    const ranges = Object.entries(facts.qc.plausible ?? {});
    return ranges.map(([parameter, range]) => check(parameter, range, { facts, ranges }));
  },
};

function check(
  parameter: string,
  range: Bound,
  { facts, ranges }: { facts: Facts; ranges: readonly (readonly [string, Bound])[] },
): QcCheck {
  const about = { name: `plausible ${parameter}`, gate, bound: boundText(range) };
  const value = valueOf(facts, parameterValue(parameter));
  if (value === undefined) return { ...about, ok: false, value: null, reason: `${parameter} was never reported` };
  const says = `${parameter} = ${shortNumber(value)}`;
  if (fits(value, range)) return { ...about, ok: true, value: keptValue(value), reason: says };
  const others = ranges.filter(([other, own]) => other !== parameter && fits(value, own)).map(([other]) => other);
  const hint = others.length === 0 ? "" : `; it would fit ${others.join(" or ")}: are columns mixed up?`;
  const reason = `${says} is implausible (${about.bound})${hint}`;
  return { ...about, ok: false, value: keptValue(value), reason };
}

const fits = (value: number, { min = -Infinity, max = Infinity }: Bound) => value >= min && value <= max;
