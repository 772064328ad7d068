import type { QcCheck, QcConfig } from "../../../contract/qc.js";
import { boundCheck } from "../bound.js";
import { type Facts, type Gate, keptValue, shortNumber, valueOf } from "../facts.js";
import { metricNames, parameterError, parameterValue } from "../metric-names.js";

const gate = "errorBounds";
const defaultTolerance = 0.05;

type MetricBound = NonNullable<QcConfig["metrics"]>[string];

/** The bounds that the config sets on metrics: range, error, relative error, and distance from an expected value. */
export const errorBounds: Gate = {
  name: gate,
  judge: (facts) => Object.entries(facts.qc.metrics ?? {}).flatMap(([name, bound]) => metricChecks(name, bound, facts)),
};

function metricChecks(name: string, bound: MetricBound, facts: Facts): QcCheck[] {
  const { min, max, maxError, maxRelativeError, expected } = bound;
  const value = valueOf(facts, [...metricNames(name), ...parameterValue(name)]);
  const error = valueOf(facts, parameterError(name));
  const isOnlyError = (maxError ?? maxRelativeError ?? expected) !== undefined;
  return [
    ...(min === undefined && max === undefined && isOnlyError ? [] : [boundCheck({ gate, name }, value, { min, max })]),
    ...(maxError === undefined ? [] : [boundCheck({ gate, name: `error of ${name}` }, error, { max: maxError })]),
    ...(maxRelativeError === undefined
      ? []
      : [boundCheck({ gate, name: `relative error of ${name}` }, ratio(error, value), { max: maxRelativeError })]),
    ...(expected === undefined ? [] : [expectedCheck(name, value, { ...bound, expected })]),
  ];
}

/** Of a value of zero no error is small. */
function ratio(error: number | undefined, value: number | undefined): number | undefined {
  if (error === undefined || value === undefined) return undefined;
  return value === 0 ? Infinity : Math.abs(error / value);
}

function expectedCheck(
  name: string,
  value: number | undefined,
  { expected, tolerance = defaultTolerance }: { expected: number; tolerance?: number | undefined },
): QcCheck {
  const about = { name: `${name} as expected`, gate, bound: `${expected} ± ${shortNumber(100 * tolerance)} %` };
  if (value === undefined) return { ...about, ok: false, value: null, reason: `${name} was never reported` };
  const off = expected === 0 ? Math.abs(value) : Math.abs((value - expected) / expected);
  const says = `${name} = ${shortNumber(value)}`;
  if (off <= tolerance) return { ...about, ok: true, value: keptValue(value), reason: says };
  return { ...about, ok: false, value: keptValue(value), reason: `${says}, expected ${about.bound}` };
}
