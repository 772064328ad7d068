import { textWidth } from "../../terminal/glyph-width.js";
import { useTone, useUi } from "../hooks.js";
import { fit, type Piece } from "../paint/columns.js";
import { glyph } from "../paint/look.js";
import { Label } from "./label.js";

interface LineProps {
  readonly pieces: readonly Piece[];
  /** Exactly so many columns: cut or filled with blanks. */
  readonly width: number;
  /** The row of a list: the chosen one has a mark and a background, the others room for it. */
  readonly selected?: boolean | undefined;
}

/** One line of text in several tones. */
export function Line({ pieces, width, selected }: LineProps) {
  const { look } = useUi();
  const mark: Piece[] = selected === undefined ? [] : [["text.accent", selected ? `${glyph("cursor", look)} ` : "  "]];
  const on = selected === true ? "row.selected" : undefined;
  // Where the selected row is inverse, words in colours would become blocks of colour.
  const isPlain = useTone("row.selected").inverse === true && selected === true;
  return (
    <Label on={on}>
      {fitted([...mark, ...pieces], width).map(([tone, text], index) => (
        <Label key={index} tone={isPlain ? undefined : tone} on={on}>
          {text}
        </Label>
      ))}
    </Label>
  );
}

function fitted(pieces: readonly Piece[], width: number): readonly Piece[] {
  const kept: Piece[] = [];
  let left = width;
  for (const [tone, text] of pieces) {
    if (left <= 0) break;
    const shown = textWidth(text) <= left ? text : fit(text, left);
    kept.push([tone, shown]);
    left -= textWidth(shown);
  }
  return left > 0 ? [...kept, ["text.primary", " ".repeat(left)]] : kept;
}
