import type { Part } from "../../../app/slices/experiment-detail.js";
import { printable, wrapWords } from "../../paint/columns.js";
import { said } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";

interface PartWords {
  readonly width: number;
  /** While it has not come. */
  readonly loading: string;
}

/** A part's own lines; above them, or instead of them, why it is not known or not new. */
export function partLines<T>(
  { value, failure }: Part<T>,
  { width, loading }: PartWords,
  lines: (value: T) => readonly TabLine[],
): readonly TabLine[] {
  const failed = failure === null ? [] : failureLines(failure, width);
  if (value !== null) return [...failed, ...(failed.length === 0 ? [] : [[]]), ...lines(value)];
  return failure === null ? [said(loading)] : failed;
}

function failureLines(
  { message, hint }: { readonly message: string; readonly hint?: string | undefined },
  width: number,
): readonly TabLine[] {
  return [...wrapped(message, width, "notice.bad"), ...(hint === undefined ? [] : wrapped(hint, width, "text.muted"))];
}

/** Words over as many lines as they need, behind `indent` blanks. */
export function wrapped(
  text: string,
  width: number,
  tone: TabLine[number][0] = "text.primary",
  indent = 0,
): readonly TabLine[] {
  const lead = " ".repeat(indent);
  return text
    .split("\n")
    .flatMap((line) => wrapWords(printable(line), Math.max(1, width - indent)))
    .map((line): TabLine => [[tone, lead + line]]);
}
