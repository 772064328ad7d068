import type { QcCheck, QcVerdict } from "../../contract/qc.js";
import type { CheckEnd } from "./check-command.js";
import { gates } from "./checks/index.js";
import { type GateInput, gatherFacts } from "./gather.js";
import { scoreOf } from "./score.js";

/** Reasons that fit one line; the others are counted. */
const shownReasons = 5;

export interface Verdict {
  readonly verdict: QcVerdict;
  readonly score: number | null;
  readonly checks: readonly QcCheck[];
  /** `pass: 3 checks`, or `fail:` with the reason of every failed check. */
  readonly result: string;
  /** The end of what the check command wrote; null: none ran. */
  readonly checkOutput: string | null;
  /** Finite numbers only: printed ones, and over them those of metrics.json. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A check that fails the run. */
export const isFailure = ({ ok, severity }: QcCheck) => !ok && severity !== "warning";

/**
 * Judges an ended run. `runCommand` runs `config.qc.check`, and only when everything before it passed: it may be costly.
 */
export async function passGate(input: GateInput, runCommand: (command: string) => Promise<CheckEnd>): Promise<Verdict> {
  const facts = await gatherFacts(input);
  const { check: command, skip = [] } = facts.qc;
  const isSkipped = (gate: string) => skip.some((each) => each === gate);
  const checks = gates.filter(({ name }) => !isSkipped(name)).flatMap((gate) => gate.judge(facts));
  let checkOutput: string | null = null;
  if (command !== undefined && !isSkipped("command") && !checks.some(isFailure)) {
    const { ok, reason, output, code } = await runCommand(command);
    checks.push({ name: "check", gate: "command", ok, reason, value: code, bound: "0" });
    checkOutput = output;
  }
  return {
    verdict: checks.some(isFailure) ? "fail" : "pass",
    score: scoreOf(checks),
    checks,
    result: resultOf(checks),
    checkOutput,
    metrics: Object.fromEntries(Object.entries(facts.metrics).filter(([, value]) => Number.isFinite(value))),
  };
}

/** One line that a person can act on. */
export function resultOf(checks: readonly QcCheck[]): string {
  const failed = checks.filter(isFailure).map(({ reason }) => reason);
  const warnings = checks.filter(({ ok, severity }) => !ok && severity === "warning").map(({ reason }) => reason);
  const list = (reasons: readonly string[]) =>
    `${reasons.slice(0, shownReasons).join("; ")}${reasons.length > shownReasons ? `; and ${reasons.length - shownReasons} more` : ""}`;
  if (failed.length > 0) return `fail: ${list(failed)}`;
  const warned = warnings.length === 0 ? "" : `; warning: ${list(warnings)}`;
  return `pass: ${checks.length} ${checks.length === 1 ? "check" : "checks"}${warned}`;
}
