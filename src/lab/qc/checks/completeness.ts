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

/** What is wrong with an output that is there or not, by its state. */
const stateReasons = { missing: "is missing", empty: "is empty", old: "is older than this run" } as const;

function outputCheck(output: OutputFacts, facts: Facts): QcCheck {
  const { name, state, isDirectory, bytes } = output;
  const about = { name: `output ${name}`, gate, value: state === "missing" ? null : bytes, bound: "not empty" };
  if (state !== "there") return { ...about, ok: false, reason: `${name} ${stateReasons[state]}` };
  const short = sizeShortfall(output, facts);
  return short === null
    ? { ...about, ok: true, reason: isDirectory ? "directory" : `${bytes} bytes` }
    : { ...about, ...short, ok: false };
}

function sizeShortfall(
  { name, bytes, rows }: OutputFacts,
  { qc }: Facts,
): Pick<QcCheck, "value" | "bound" | "reason"> | null {
  const { minBytes = 0, minRows = 0 } = qc.outputs?.[name] ?? {};
  if (bytes < minBytes) {
    return { value: bytes, bound: `≥ ${minBytes} bytes`, reason: `${name} has ${bytes} bytes, below ${minBytes}` };
  }
  const counted = rows ?? 0;
  if (counted >= minRows) return null;
  const has = `${name} has ${counted} ${counted === 1 ? "row" : "rows"}`;
  return { value: counted, bound: `≥ ${minRows} rows`, reason: `${has}, below ${minRows}` };
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
