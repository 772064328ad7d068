import { textWidth } from "../../terminal/glyph-width.js";

/** ASCII forms of what the chrome writes between words; they keep the width. */
const folded: Readonly<Record<string, string>> = {
  "…": "~",
  "·": "|",
  "–": "-",
  "×": "x",
  "→": ">",
  "⏎": "<",
  "↑": "^",
  "↓": "v",
};
const beyondAscii = /[^\x00-\x7f]/;

/** The text in ASCII of the same width, so that no glyph can fall apart and shift its row where the locale is not UTF-8. */
export function toAscii(text: string): string {
  if (!beyondAscii.test(text)) return text;
  return Array.from(text, (glyph) =>
    beyondAscii.test(glyph) ? (folded[glyph] ?? "?".repeat(textWidth(glyph))) : glyph,
  ).join("");
}
