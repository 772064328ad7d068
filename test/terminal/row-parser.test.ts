import { describe, expect, test } from "vitest";
import { GlyphTable } from "../../src/terminal/glyph-table.js";
import { fitText, textWidth } from "../../src/terminal/glyph-width.js";
import { Grid } from "../../src/terminal/grid.js";
import { RowParser } from "../../src/terminal/row-parser.js";
import { StyleTable } from "../../src/terminal/style-table.js";

/** Text and style number of each cell; the second half of a wide glyph is "". */
function parsed(text: string, columns = 12) {
  const glyphs = new GlyphTable();
  const grid = new Grid(columns, 1);
  new RowParser(new StyleTable("truecolor"), glyphs, grid).parse(text, grid, 0);
  const cells = Array.from(grid.glyphs, (glyph) => (glyph === 0xffff_ffff ? "" : glyphs.text(glyph)));
  return { cells, text: cells.join("").trimEnd(), styles: Array.from(grid.styles) };
}

describe("only SGR survives", () => {
  test.each([
    ["cursor moves", "a\x1b[5;5Hb\x1b[2Jc"],
    ["private modes", "a\x1b[?1049hb\x1b[?25lc"],
    ["OSC with BEL and with ST", "a\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c"],
    ["DCS, APC, PM, SOS", "a\x1bPq#1\x1b\\b\x1b_G\x1b\\c\x1b^p\x1b\\\x1bXs\x1b\\"],
    ["C0", "a\x00\x07\x08b\r\n\x0b\x0ec\x7f"],
    ["C1", "a\x84b\x8dc\x85"],
    ["the one-byte CSI and OSC", "a\x9b2Jb\x9d0;t\x9cc"],
    ["two-byte escapes", "a\x1b7b\x1bMc\x1bc"],
    ["charset escapes", "a\x1b(0b\x1b#8c"],
    ["private SGR-like sequences", "a\x1b[>4;1mb\x1b[?4mc"],
    ["unfinished CSI", "abc\x1b[38;5"],
    ["unfinished OSC", "abc\x1b]0;title"],
    ["a lone ESC at the end", "abc\x1b"],
    ["invisible code points", "a\u200bb\u2060c\ufeff\u00ad"],
  ])("%s", (_, text) => {
    const { text: shown, styles } = parsed(text);
    expect(shown).toBe("abc");
    expect(new Set(styles)).toEqual(new Set([0]));
  });

  test("SGR by ESC and by the one-byte CSI", () => {
    expect(parsed("a\x1b[1mb\x1b[mc", 4).styles).toEqual([0, 1, 0, 0]);
    expect(parsed("a\x9b1mb\x9bmc", 4).styles).toEqual([0, 1, 0, 0]);
  });

  test("a tab is a blank, so that words stay apart", () => {
    expect(parsed("a\tb").text).toBe("a b");
  });

  test("an invalid CSI is dropped up to the character that broke it", () => {
    expect(parsed("a\x1b[3\x1b[1mb", 4).styles).toEqual([0, 1, 0, 0]);
  });
});

describe("cells", () => {
  test("clipped and padded with default blanks", () => {
    expect(parsed("\x1b[31mabcdef", 4).text).toBe("abcd");
    expect(parsed("\x1b[41mab", 4).styles).toEqual([1, 1, 0, 0]);
  });

  test("wide glyphs take two cells, the last column none of them", () => {
    expect(parsed("a界b", 6).cells).toEqual(["a", "界", "", "b", " ", " "]);
    expect(parsed("abc界", 4).cells).toEqual(["a", "b", "c", " "]);
  });

  test("marks join what is before them, also before and after plain text", () => {
    expect(parsed("ae\u0301b", 4).cells).toEqual(["a", "e\u0301", "b", " "]);
    expect(parsed("क्षb", 4).cells.at(-1)).toBe(" ");
    expect(parsed("─\u0301x", 3).cells).toEqual(["─\u0301", "x", " "]);
  });

  test.each([
    ["abc", 3],
    ["─│╭█⣿▁●▸✔", 9],
    ["界漢", 4],
    ["한국", 4],
    ["e\u0301", 1],
    ["😀", 2],
    ["👨‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["❤️", 2],
    ["1️⃣", 2],
    ["⌚", 2],
    ["a\u200bb", 2],
    ["", 0],
  ])("%s is %i columns, on the grid as in textWidth", (text, width) => {
    expect(textWidth(text)).toBe(width);
    expect(parsed(`${text}|`, 20).cells.indexOf("|")).toBe(width);
  });

  test("fitText cuts with an ellipsis and pads, never through a wide glyph", () => {
    expect(fitText("abcdef", 4)).toBe("abc…");
    expect(fitText("abc", 5)).toBe("abc  ");
    expect(fitText("a界界", 4)).toBe("a界…");
    expect(fitText("ab界界", 4)).toBe("ab… ");
    expect(fitText("abc", 0)).toBe("");
  });
});
