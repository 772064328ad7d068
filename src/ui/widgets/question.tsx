import { Box } from "ink";
import type { Detail } from "../../app/question.js";
import { fit, type Piece, wrapWords } from "../paint/columns.js";
import { Line } from "./line.js";

export interface QuestionText {
  readonly question: string;
  readonly effect: string;
  readonly details?: readonly Detail[] | undefined;
}

/** Every line of a question in `width` columns: what is asked, what will happen, each effect under its name. */
export function questionLines({ question, effect, details = [] }: QuestionText, width: number): readonly Piece[][] {
  const blank: Piece[] = [];
  const sentences =
    effect === "" ? [] : [blank, ...wrapWords(effect, width).map((line): Piece[] => [["text.primary", line]])];
  const named = details.flatMap((detail) => detailLines(detail, nameColumns(details, width), width));
  return [
    ...wrapWords(question, width).map((line): Piece[] => [["text.strong", line]]),
    ...sentences,
    ...(named.length === 0 ? [] : [blank, ...named]),
  ];
}

/** As wide as the longest name, within reason. */
function nameColumns(details: readonly Detail[], width: number): number {
  const longest = Math.max(...details.map(({ name }) => name.length));
  return Math.min(longest + 2, Math.floor(width / 3));
}

function detailLines({ name, text }: Detail, columns: number, width: number): readonly Piece[][] {
  return wrapWords(text, width - columns).map((line, index) => [
    ["text.muted", fit(index === 0 ? name : "", columns)],
    ["text.primary", line],
  ]);
}

interface QuestionProps {
  readonly lines: readonly (readonly Piece[])[];
  readonly width: number;
  readonly height: number;
  /** First line shown, where there are more than fit. */
  readonly top: number;
}

/** What is asked, and what will happen, in full; where that does not fit, as much and how much more there is. */
export function Question({ lines, width, height, top }: QuestionProps) {
  const overflows = lines.length > height;
  const window = overflows ? Math.max(1, height - 1) : height;
  const first = Math.max(0, Math.min(top, lines.length - window));
  const below = lines.length - first - window;
  return (
    <Box flexDirection="column" flexShrink={0} width={width} height={Math.min(height, lines.length)} overflow="hidden">
      {lines.slice(first, first + window).map((pieces, index) => (
        <Line key={index} width={width} pieces={pieces} />
      ))}
      {overflows ? (
        <Line
          width={width}
          pieces={[["notice.info", below > 0 ? `${below} more lines below: Down` : `${first} lines above: Up`]]}
        />
      ) : null}
    </Box>
  );
}

/** Where a key moves the first line shown to; undefined for keys that do not move it. */
export function questionScrolled(name: string, top: number, last: number): number | undefined {
  if (name !== "up" && name !== "down") return undefined;
  return Math.max(0, Math.min(last, top + (name === "up" ? -1 : 1)));
}
