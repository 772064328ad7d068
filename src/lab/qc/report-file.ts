import { join } from "node:path";
import { z } from "zod";
import { QcCheck, QcJudgement, QcOverride, type QcReport, type QcSummary } from "../../contract/qc.js";
import { readIfThere, writePrivateFile } from "../process/private-file.js";
import { isFailure, type Verdict } from "./gate.js";

const keptJudgements = 20;
/** Checks that an experiment's row shows. */
const shownChecks = 20;

/** `qc.json` of a run directory: everything that was found and decided about the attempt. */
const KeptReport = z.object({
  checks: z.array(QcCheck),
  checkOutput: z.string().nullable(),
  override: QcOverride.nullable(),
  judgements: z.array(QcJudgement),
});
export type KeptReport = z.infer<typeof KeptReport>;

export const noReport: KeptReport = { checks: [], checkOutput: null, override: null, judgements: [] };

const fileOf = (dir: string) => join(dir, "qc.json");

/** null: there is none that can be read. */
export function readReport(dir: string): KeptReport | null {
  try {
    return KeptReport.parse(JSON.parse(readIfThere(fileOf(dir)) ?? "null"));
  } catch {
    return null;
  }
}

export function writeReport(dir: string, report: KeptReport): void {
  writePrivateFile(fileOf(dir), `${JSON.stringify(report, null, 2)}\n`);
}

/** The report after one more judgement. */
export function judged(
  before: KeptReport,
  { checks, checkOutput, verdict, score, result }: Verdict,
  { at, by }: { at: number; by: string },
): KeptReport {
  const judgements = [...before.judgements, { at, by, verdict, score, result }].slice(-keptJudgements);
  return { ...before, checks: [...checks], checkOutput, judgements };
}

/** What holds: the override, else the last judgement. */
export function standing({ override, judgements }: KeptReport): Pick<QcReport, "verdict" | "score" | "result"> {
  const last = judgements.at(-1);
  const said = last?.result ?? null;
  const result =
    override === null
      ? said
      : `${override.verdict}: overridden by ${override.by}: ${oneLine(override.note)}${said === null ? "" : ` (checks: ${said})`}`;
  return { verdict: override?.verdict ?? last?.verdict ?? null, score: last?.score ?? null, result };
}

const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

/** What the experiment's row shows; null: neither judged nor decided. */
export function summaryOf(report: KeptReport): QcSummary | null {
  const { verdict, score } = standing(report);
  if (verdict === null) return null;
  const { checks, override } = report;
  return { verdict, checks: shown(checks), score, checksTotal: checks.length, override };
}

function shown(checks: readonly QcCheck[]): QcCheck[] {
  if (checks.length <= shownChecks) return [...checks];
  const rank = (check: QcCheck) => (isFailure(check) ? 0 : check.ok ? 2 : 1);
  return [...checks].sort((a, b) => rank(a) - rank(b)).slice(0, shownChecks);
}
