import type { Part } from "../../../app/slices/experiment-detail.js";
import type { Experiment } from "../../../contract/experiment.js";
import type { QcCheck, QcReport } from "../../../contract/qc.js";
import { columnsOf, fit, type Piece, printable } from "../../paint/columns.js";
import { dateTime } from "../../paint/date-time.js";
import { glyph } from "../../paint/look.js";
import { significant } from "../../paint/number-format.js";
import { experimentLook } from "../../paint/status.js";
import type { Look } from "../../panes/pane.js";
import { said, section } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";
import { partLines, wrapped } from "./part-lines.js";
import { reproductionLines } from "./reproduction.js";
import { verdictWords } from "./verdict.js";

const markColumns = 8;
const gapColumns = 2;
const valueColumns = 10;
const timeColumns = 21;

interface Context {
  readonly width: number;
  readonly look: Look;
}

/** Verdict and score, who decided over it, each check with value, bound and reason; then how it could be done again. */
export function qcLines(row: Experiment, part: Part<QcReport>, context: Context): readonly TabLine[] {
  const { width } = context;
  if (row.attempt === 0) return [said("It was not started yet: there is nothing to judge.")];
  // The row has a short form: it is seen at once, and the whole takes its place.
  if (part.value === null && part.failure === null && row.qc !== null) {
    const { checks } = row.qc;
    const verdict = verdictWords(row.qc, context.look);
    return [[[verdict.tone, verdict.value]], ...checkLines(checks, context), [], said("Asking for the whole report …")];
  }
  return partLines(part, { width, loading: "Asking for its report …" }, (report) => reportLines(row, report, context));
}

function reportLines(row: Experiment, report: QcReport, context: Context): readonly TabLine[] {
  const { width } = context;
  return [
    ...verdictLines(row, report, context),
    ...overrideLines(report, width),
    ...checkLines(report.checks, context),
    ...(report.checkOutput === null || report.checkOutput.trim() === ""
      ? []
      : [...section("What the check command wrote"), ...wrapped(report.checkOutput.trimEnd(), width)]),
    ...judgementLines(report),
    ...(report.reproduction === null ? [] : reproductionLines(report.reproduction, width)),
  ];
}

function verdictLines(row: Experiment, report: QcReport, { width, look }: Context): readonly TabLine[] {
  const { verdict, score, checks, override, result } = report;
  if (verdict === null) {
    const words = row.status === "running" ? "It is judged when it ends." : "This attempt was not judged.";
    return [said(words), ...(result === null ? [] : wrapped(result, width, "text.muted"))];
  }
  const words = verdictWords({ verdict, score, checks, override }, look);
  return [[[words.tone, words.value]]];
}

function overrideLines({ override }: QcReport, width: number): readonly TabLine[] {
  if (override === null) return [];
  const { verdict, by, at, note } = override;
  return [
    ...section("Decided over the checks"),
    [
      ["log.time", fit(dateTime(at), timeColumns)],
      ["text.strong", printable(by)],
      ["text.muted", " says "],
      [experimentLook[verdict].tone, verdict],
    ],
    ...wrapped(`"${note}"`, width, "text.accent", timeColumns),
  ];
}

/** What failed first, then warnings, then what holds. */
const rank = ({ ok, severity }: QcCheck) => (ok ? 2 : severity === "warning" ? 1 : 0);

function checkLines(checks: readonly QcCheck[], context: Context): readonly TabLine[] {
  if (checks.length === 0) return [];
  const sorted = checks.toSorted((a, b) => rank(a) - rank(b));
  const longest = Math.max(...sorted.map(({ name }) => name.length));
  const nameColumns = Math.min(longest, Math.max(12, Math.floor(context.width / 3))) + gapColumns;
  return [...section("Checks"), ...sorted.flatMap((check) => oneCheck(check, nameColumns, context))];
}

function oneCheck(check: QcCheck, nameColumns: number, { width, look }: Context): readonly TabLine[] {
  const { name, ok, reason } = check;
  const isWarning = rank(check) === 1;
  const status = isWarning ? { ...experimentLook.blocked, word: "warn" } : experimentLook[ok ? "pass" : "fail"];
  const head: Piece[] = [
    [status.tone, `${glyph(status.glyph, look)} ${status.word}`.padEnd(markColumns)],
    ["text.strong", `${fit(printable(name), nameColumns - gapColumns)}  `],
  ];
  const measured = measuredPieces(check);
  const room = width - markColumns - nameColumns;
  // What holds needs no second line: its value and bound say it.
  if (ok && measured.length > 0) return [[...head, ...measured]];
  if (measured.length === 0 && reason.length <= room) return [[...head, ["text.primary", printable(reason)]]];
  return [[...head, ...measured], ...wrapped(reason, width, "text.muted", markColumns)];
}

/** What was found, and what it was held against; nothing where neither is told. */
function measuredPieces({ value = null, bound = null }: QcCheck): Piece[] {
  if (value === null && bound === null) return [];
  const found = printable(typeof value === "number" ? numberText(value) : (value ?? ""));
  return [
    ["text.primary", `${fit(found, Math.max(valueColumns, columnsOf(found)))}  `],
    ["text.muted", bound === null ? "" : `bound ${printable(bound)}`],
  ];
}

/** Enough digits to tell it from its bound, and no zeros behind them. */
const numberText = (value: number) =>
  significant(value, 4)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");

function judgementLines({ judgements }: QcReport): readonly TabLine[] {
  if (judgements.length < 2) return [];
  return [
    ...section("Judged"),
    ...judgements.toReversed().map(
      ({ at, by, verdict, score, result }): TabLine => [
        ["log.time", fit(dateTime(at), timeColumns)],
        [experimentLook[verdict].tone, fit(verdict, 6)],
        ["text.primary", fit(score === null ? "" : String(Math.round(score)), 5)],
        ["text.strong", `${printable(by)}  `],
        ["text.muted", printable(result)],
      ],
    ),
  ];
}
