import type { Random } from "./random.js";

/** Glyphs and the columns a terminal with Unicode 11 gives them. */
const narrow = Array.from("abcXYZ019 .-_=/%│─╭╯█▄▁▇⣀⣿⢣●▸✔é\u00e5ЖΩ→…");
const wide = Array.from("界漢字カナ한국。😀🚀⌚");
const marked = ["e\u0301", "a\u0308", "o\u0302\u0323"];

/** Without palette colours for underlines: the emulator mixes them up with what was set before. */
const codes = [
  "0",
  "1",
  "2",
  "3",
  "4",
  "4:3",
  "7",
  "9",
  "22",
  "23",
  "24",
  "27",
  "29",
  "53",
  "55",
  "31",
  "92",
  "39",
  "44",
  "103",
  "49",
  "38;5;123",
  "38:5:200",
  "48;5;17",
  "38;2;10;200;30",
  "38:2::1:2:3",
  "48;2;90;0;90",
  "48:2::5:6:7",
  "21",
  "1;33;44",
  "58;2;1;2;3",
  "58:2::9:8:7",
  "59",
];

export function randomSgr(random: Random): string {
  return `\x1b[${random.pick(codes)}m`;
}

/** One glyph and its width. */
export function randomGlyph(random: Random): { text: string; width: number } {
  const roll = random.next();
  if (roll < 0.12) return { text: random.pick(wide), width: 2 };
  if (roll < 0.16) return { text: random.pick(marked), width: 1 };
  return { text: roll < 0.5 ? " " : random.pick(narrow), width: 1 };
}

/** A row of text with SGR, at most `columns` wide. */
export function randomRow(random: Random, columns: number): string {
  let row = "";
  let used = 0;
  const end = random.chance(0.3) ? columns : random.below(columns + 1);
  while (used < end) {
    if (random.chance(0.15)) row += randomSgr(random);
    const { text, width } = randomGlyph(random);
    if (used + width > end) break;
    row += text;
    used += width;
  }
  return row;
}
