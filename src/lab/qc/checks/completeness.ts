import type { QcCheck } from "../../../contract/qc.js";
import { type Facts, type Gate, type OutputFacts, shortNumber } from "../facts.js";

const gate = "completeness";
/** Bars and steps are rounded: this much is the end. */
const atEnd = 0.999;

/** What the run was to make is there, is this run's own, and the run was not cut off before its end. */
export const completeness: Gate = {
  name: gate,
  judge: (facts) => [
    ...facts.outputs.map((output) => outputCheck(output, facts)),
    ...facts.unreadable.map(({ file, reason }) => ({
      name: file,
      gate,
      ok: false,
      reason,
      value: null,
      bound: "JSON",
    })),
    ...cutOffCheck(facts),
    ...progressCheck(facts),
  ],
};

function outputCheck({ name, state, isDirectory, bytes, rows }: OutputFacts, { qc }: Facts): QcCheck {
  const about = { name: `output ${name}`, gate, value: bytes, bound: "not empty" };
  const { minBytes, minRows } = qc.outputs?.[name] ?? {};
  if (state === "missing") return { ...about, ok: false, value: null, reason: `${name} is missing` };
  if (state === "empty") return { ...about, ok: false, reason: `${name} is empty` };
  if (state === "old")
    return { ...about, ok: false, bound: "made by this run", reason: `${name} is older than this run` };
  if (minBytes !== undefined && bytes < minBytes) {
    return {
      ...about,
      ok: false,
      bound: `≥ ${minBytes} bytes`,
      reason: `${name} has ${bytes} bytes, below ${minBytes}`,
    };
  }
  if (minRows !== undefined && (rows ?? 0) < minRows) {
    const has = `${name} has ${rows ?? 0} ${rows === 1 ? "row" : "rows"}`;
    return { ...about, ok: false, value: rows, bound: `≥ ${minRows} rows`, reason: `${has}, below ${minRows}` };
  }
  return { ...about, ok: true, reason: isDirectory ? "directory" : `${bytes} bytes` };
}

/** The sampler reached its step limit and did not converge after it. */
function cutOffCheck({ chain: { cutOffAt, convergedAt, resumedAt } }: Facts): QcCheck[] {
  if (cutOffAt === null) return [];
  const goesOn = Math.max(convergedAt ?? -Infinity, resumedAt ?? -Infinity) > cutOffAt;
  const reason = goesOn ? "went on after its step limit" : "cut off: it reached its step limit before it converged";
  return [{ name: "step limit", gate, ok: goesOn, reason, value: null, bound: "not reached" }];
}

/** A run that stops early may well have its reasons, so that it is a warning unless the end is required. */
function progressCheck({ metrics, qc, chain: { convergedAt } }: Facts): QcCheck[] {
  const isRequired = qc.require?.includes("progress") ?? false;
  const { progress } = metrics;
  const about = { name: "progress", gate, bound: "1" };
  if (progress === undefined) {
    return isRequired ? [{ ...about, ok: false, value: null, reason: "progress was never reported" }] : [];
  }
  if (progress >= atEnd) return isRequired ? [{ ...about, ok: true, value: progress, reason: "reached its end" }] : [];
  if (!isRequired && convergedAt !== null) return [];
  const reason = `progress ended at ${shortNumber(100 * progress)} %`;
  return [{ ...about, ok: false, value: progress, reason, ...(isRequired ? {} : { severity: "warning" as const }) }];
}
