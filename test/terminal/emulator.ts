import unicode11 from "@xterm/addon-unicode11";
import xterm from "@xterm/headless";
import { expect } from "vitest";
import type { Size } from "../../src/terminal/grid.js";

type Buffer = InstanceType<typeof xterm.Terminal>["buffer"]["active"];

/** A terminal, with Unicode 11 widths unless told otherwise; what is written is on the screen when `write` returns. */
export class Emulator {
  readonly xterm: InstanceType<typeof xterm.Terminal>;
  /** Everything written, in order. */
  readonly writes: string[] = [];

  constructor({ columns, rows }: Size, unicode: "6" | "11" = "11") {
    this.xterm = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, logLevel: "off" });
    this.xterm.loadAddon(new unicode11.Unicode11Addon());
    this.xterm.unicode.activeVersion = unicode;
  }

  write(text: string): boolean {
    this.writes.push(text);
    (this.xterm as unknown as { _core: { writeSync(text: string): void } })._core.writeSync(text);
    return true;
  }

  get buffer(): Buffer {
    return this.xterm.buffer.active;
  }

  /** Text of a row, blanks at its end dropped. */
  row(row: number): string {
    return this.buffer.getLine(row)?.translateToString().trimEnd() ?? "";
  }

  text(): string[] {
    return Array.from({ length: this.xterm.rows }, (_, row) => this.row(row));
  }

  /** Every cell with text, width, colours and attributes, for comparing screens. */
  cells(): string[] {
    return Array.from({ length: this.xterm.rows }, (_, row) => this.rowCells(row));
  }

  rowCells(row: number): string {
    const line = this.buffer.getLine(row);
    const cells: string[] = [];
    for (let column = 0; column < this.xterm.cols; column++) cells.push(describe(line?.getCell(column)));
    return cells.join("|");
  }
}

type Cell = NonNullable<ReturnType<NonNullable<ReturnType<Buffer["getLine"]>>["getCell"]>>;

const attributes: readonly (readonly [string, (cell: Cell) => number])[] = [
  ["b", (cell) => cell.isBold()],
  ["d", (cell) => cell.isDim()],
  ["i", (cell) => cell.isItalic()],
  ["k", (cell) => cell.isBlink()],
  ["v", (cell) => cell.isInverse()],
  ["h", (cell) => cell.isInvisible()],
  ["s", (cell) => cell.isStrikethrough()],
  ["o", (cell) => cell.isOverline()],
];

function describe(cell: Cell | undefined): string {
  if (cell === undefined) return "none";
  const marks = attributes.map(([mark, isSet]) => (isSet(cell) === 0 ? "" : mark)).join("");
  const text = cell.getWidth() === 0 ? "" : cell.getChars() || " ";
  const colours = `${cell.getFgColorMode()}:${cell.getFgColor()} ${cell.getBgColorMode()}:${cell.getBgColor()}`;
  return `${text}/${cell.getWidth()} ${colours} ${marks}${underlineOf(cell)}`;
}

function underlineOf(cell: Cell): string {
  if (cell.isUnderline() === 0) return "";
  const { extended } = cell as unknown as { extended: { underlineStyle: number; underlineColor: number } };
  // The emulator keeps "no colour of its own" in two forms: never set, and set back by code 59.
  const colour = extended.underlineColor & 0x3ff_ffff;
  return `u${extended.underlineStyle}:${colour === 0x3ff_ffff ? 0 : colour}`;
}

/** Fails with the first row that differs, cell by cell. */
export function expectSameCells(shown: Emulator, wanted: readonly string[], label = ""): void {
  shown.cells().forEach((row, index) => {
    if (row !== wanted[index]) {
      expect({ label, row: index, cells: row.split("|") }).toEqual({
        label,
        row: index,
        cells: wanted[index]?.split("|"),
      });
    }
  });
  expect(wanted).toHaveLength(shown.xterm.rows);
}
