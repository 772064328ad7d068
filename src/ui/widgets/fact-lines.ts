import type { Tone } from "../../theme/tones.js";
import { fit, type Piece } from "../paint/columns.js";
import type { TabLine } from "./lines.js";

export const factNameColumns = 14;
/** From here on two facts stand side by side. */
const twoColumnWidth = 78;

export interface FactLine {
  readonly name: string;
  readonly value: string;
  readonly tone?: Tone;
}

export const section = (title: string): readonly TabLine[] => [[], [["title.idle", title]]];
export const said = (text: string): TabLine => [["text.muted", text]];

/** Two facts a row where there is room and both fit. */
export function paired(facts: readonly FactLine[], width: number): readonly TabLine[] {
  const half = Math.floor(width / 2);
  const fits = ({ value }: FactLine) => value.length <= half - factNameColumns - 2;
  const lines: TabLine[] = [];
  for (let index = 0; index < facts.length; index++) {
    const [first, second] = [facts[index], facts[index + 1]];
    if (first === undefined) break;
    const isPair = width >= twoColumnWidth && second !== undefined && fits(first) && fits(second);
    lines.push(isPair ? [...factPieces(first, half), ...factPieces(second, half)] : factPieces(first, width));
    if (isPair) index++;
  }
  return lines;
}

function factPieces({ name, value, tone = "text.primary" }: FactLine, width: number): readonly Piece[] {
  return [
    ["text.muted", fit(name, factNameColumns)],
    [tone, fit(value, width - factNameColumns)],
  ];
}
