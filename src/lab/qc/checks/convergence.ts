import type { ConvergenceBound, QcCheck } from "../../../contract/qc.js";
import { boundCheck } from "../bound.js";
import { type Facts, type Gate, valueOf } from "../facts.js";
import { metricNames, overallNames, parameterNames } from "../metric-names.js";

const gate = "convergence";
/** R-hat < 1.05, as the platform's documentation has it. */
const documentedRMinus1 = 0.05;

/**
 * R-1 (or R-hat, which is one more), effective samples and drift, of the run and of each parameter. A chain whose config bounds
 * none is held to its own stop target; one without a target to the documented R-hat < 1.05, and then it is a warning.
 */
export const convergence: Gate = {
  name: gate,
  judge(facts) {
    const { parameters = {}, ...bound } = facts.qc.convergence ?? {};
    return [
      ...overallChecks(facts, bound),
      ...Object.entries(parameters).flatMap(([parameter, own]) => parameterChecks(facts, parameter, own)),
    ];
  },
};

function overallChecks(facts: Facts, { rMinus1, rHat, ess, drift }: ConvergenceBound): QcCheck[] {
  const rBound = rMinus1 ?? (rHat === undefined ? undefined : rHat - 1);
  const reported = rMinus1Of(facts, overallNames("rMinus1"), overallNames("rHat"));
  const essValue = valueOf(facts, overallNames("ess"));
  return [
    ...(rBound === undefined ? ownTargetChecks(facts, reported) : [rCheck("R-1", reported, rBound)]),
    ...(ess === undefined ? [] : [boundCheck({ gate, name: "ESS" }, essValue, { min: ess })]),
    ...(drift === undefined
      ? []
      : [boundCheck({ gate, name: "drift" }, valueOf(facts, overallNames("drift")), { max: drift })]),
  ];
}

const rCheck = (name: string, value: number | undefined, max: number) =>
  boundCheck({ gate, name }, value, { max: tidy(max) });

/** 1.05 − 1 is not 0.05. */
const tidy = (value: number) => Number(value.toPrecision(12));

function rMinus1Of(facts: Facts, rMinus1: readonly string[], rHat: readonly string[]): number | undefined {
  const hat = valueOf(facts, rHat);
  return valueOf(facts, rMinus1) ?? (hat === undefined ? undefined : tidy(hat - 1));
}

/** Nothing to hold a run to that reports no R-1, or whose R-1 is bounded as a metric already. */
function ownTargetChecks(facts: Facts, rMinus1: number | undefined): QcCheck[] {
  if (rMinus1 === undefined || isBounded(facts, "rMinus1") || isBounded(facts, "rHat")) return [];
  const { rminus1: target } = facts.targets;
  if (target !== null) return [...meansCheck(facts, rCheck("R-1", rMinus1, target)), ...boundsCheck(facts)];
  const check = rCheck("R-1", rMinus1, documentedRMinus1);
  return check.ok ? [check] : [{ ...check, severity: "warning" }];
}

function isBounded({ qc }: Facts, quantity: "rMinus1" | "rHat" | "rMinus1Cl"): boolean {
  const [first = ""] = overallNames(quantity);
  return Object.keys(qc.metrics ?? {}).some((name) => metricNames(name).includes(first));
}

/** What the sampler itself calls converged is so, unless it was resumed after that. */
function meansCheck({ chain: { convergedAt, resumedAt } }: Facts, check: QcCheck): QcCheck[] {
  const isConverged = convergedAt !== null && convergedAt >= (resumedAt ?? 0);
  return [
    check.ok || !isConverged
      ? check
      : { ...check, ok: true, reason: `${check.reason}; the sampler calls it converged` },
  ];
}

function boundsCheck(facts: Facts): QcCheck[] {
  const { rminus1_cl: target } = facts.targets;
  const value = valueOf(facts, overallNames("rMinus1Cl"));
  if (target === null || value === undefined || isBounded(facts, "rMinus1Cl")) return [];
  return [rCheck("R-1 of bounds", value, target)];
}

function parameterChecks(facts: Facts, parameter: string, bound: ConvergenceBound): QcCheck[] {
  const { rMinus1, rHat, ess, drift } = bound;
  const rBound = rMinus1 ?? (rHat === undefined ? undefined : rHat - 1);
  const value = (quantity: "ess" | "drift") => valueOf(facts, parameterNames[quantity](parameter));
  const reported = rMinus1Of(facts, parameterNames.rMinus1(parameter), parameterNames.rHat(parameter));
  return [
    ...(rBound === undefined ? [] : [rCheck(`R-1 of ${parameter}`, reported, rBound)]),
    ...(ess === undefined ? [] : [boundCheck({ gate, name: `ESS of ${parameter}` }, value("ess"), { min: ess })]),
    ...(drift === undefined ? [] : [driftCheck(parameter, value("drift"), drift)]),
  ];
}

/** A mean drifts in either direction. */
function driftCheck(parameter: string, drift: number | undefined, max: number): QcCheck {
  const name = `drift of ${parameter}`;
  return boundCheck({ gate, name }, drift === undefined ? undefined : Math.abs(drift), { max });
}
