import { expect, test } from "vitest";
import { paletteColour, rgbColour } from "../../src/terminal/colour.js";
import { applySgr, defaultStyle, type Style, sgrTransition } from "../../src/terminal/sgr.js";
import { Emulator } from "./emulator.js";

const after = (...params: string[]) => params.reduce(applySgr, defaultStyle);
const attributes = (params: string) => after(params).attributes;

test.each<[string, Partial<Style>]>([
  ["38;5;123", { foreground: paletteColour(123) }],
  ["38:5:123", { foreground: paletteColour(123) }],
  ["48;5;17", { background: paletteColour(17) }],
  ["38;2;1;2;3", { foreground: rgbColour(1, 2, 3) }],
  ["38:2:1:2:3", { foreground: rgbColour(1, 2, 3) }],
  ["38:2::1:2:3", { foreground: rgbColour(1, 2, 3) }],
  ["48;2;;;9", { background: rgbColour(0, 0, 9) }],
  ["58;2;1;2;3", { underlineColour: rgbColour(1, 2, 3) }],
  ["58:5:9", { underlineColour: paletteColour(9) }],
  ["58;5;9", { underlineColour: paletteColour(9) }],
  ["31", { foreground: paletteColour(1) }],
  ["97;104", { foreground: paletteColour(15), background: paletteColour(12) }],
])("CSI %s m sets only its colour", (params, wanted) => {
  expect(after(params)).toEqual({ ...defaultStyle, ...wanted });
});

test.each(["38", "38;5", "38;2;1;2", "48;2", "38:2:1", "38;5;300", "38;9", "58;2;1", "12", "99", "108", "1000", "56"])(
  "CSI %s m, truncated or unknown, changes nothing",
  (params) => expect(after(params)).toEqual(defaultStyle),
);

test("colour arguments are not read as attributes, and what follows them is", () => {
  expect(after("58;2;1;2;4;1")).toEqual({ ...defaultStyle, attributes: attributes("1"), underlineColour: 0x101_0204 });
  expect(after("38;5;1;4")).toEqual({ ...defaultStyle, attributes: attributes("4"), foreground: paletteColour(1) });
  expect(after("77;1")).toEqual(after("1"));
});

test("bold and dim share their off code; empty and 0 reset", () => {
  expect(after("1;2", "22")).toEqual(defaultStyle);
  expect(after("1;31;44;58;5;1", "")).toEqual(defaultStyle);
  expect(after("1;31", "0")).toEqual(defaultStyle);
  expect(after("31;44;58;5;1", "39;49;59")).toEqual(defaultStyle);
  expect(after("4:3", "4:0")).toEqual(defaultStyle);
  expect(after("3;5;7;8;9;53;21", "23;25;27;28;29;55;24")).toEqual(defaultStyle);
});

test("between any two styles: the same look as from scratch, never longer", () => {
  const styles = [
    "0",
    "1",
    "2",
    "1;2",
    "3;4",
    "4:3;1",
    "7;9",
    "53;5;8",
    "31",
    "92;1",
    "38;5;200",
    "38;2;1;2;3;2",
    "41;1;2;3;4;7;9",
    "48;5;20;38;5;7",
    "48;2;9;8;7",
    "4;58;2;1;2;3",
  ].map((params) => after(params));
  const emulator = new Emulator({ columns: 2, rows: 1 });
  const drawn = (...sequences: string[]) => {
    emulator.write(`\x1b[H\x1b[m${sequences.join("x\x1b[H")}y`);
    return emulator.rowCells(0).split("|")[0];
  };
  for (const from of styles) {
    for (const to of styles) {
      const [first, change, fresh] = [
        sgrTransition(defaultStyle, from),
        sgrTransition(from, to),
        sgrTransition(defaultStyle, to),
      ];
      expect(drawn(first, change)).toBe(drawn(fresh));
      expect(change.length).toBeLessThanOrEqual(fresh === "" ? 3 : fresh.length + 2);
    }
  }
});
