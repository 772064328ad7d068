import type { Notice } from "../../../app/slices/actions.js";
import type { Tone } from "../../../theme/tones.js";
import { type Piece, wrapWords } from "../../paint/columns.js";
import { timeOfDay } from "../../paint/number-format.js";
import { said } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";

/** `09:41:07` and two blanks. */
const timeColumns = 10;
const tones: Readonly<Record<Notice["tone"], Tone>> = { good: "notice.good", bad: "notice.bad", info: "text.primary" };

/** What was done in this session, newest first. */
export function noticeLines(history: readonly Notice[], width: number): readonly TabLine[] {
  if (history.length === 0) return [said("Nothing was done here yet.")];
  return history.flatMap(({ text, tone, at }) =>
    wrapWords(text, width - timeColumns).map(
      (line, index): TabLine => [
        ["log.time", (index === 0 ? timeOfDay(at, 8) : "").padEnd(timeColumns)],
        [tones[tone], line],
      ],
    ),
  );
}

/** One of them on one line. */
export const noticePieces = ({ text, tone, at }: Notice): readonly Piece[] => [
  ["log.time", timeOfDay(at, 8).padEnd(timeColumns)],
  [tones[tone], text],
];
