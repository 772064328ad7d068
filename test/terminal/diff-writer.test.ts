import { describe, expect, test } from "vitest";
import { Compositor } from "../../src/terminal/compositor.js";
import type { Size } from "../../src/terminal/grid.js";
import { Emulator, expectSameCells } from "./emulator.js";
import { FakeTimers } from "./fake-timers.js";
import { Random } from "./random.js";
import { randomRow } from "./random-row.js";

/** A compositor that draws on an emulator; frames go out when `show` is called. */
function screenOf(size: Size, unicode: "6" | "11" = "11") {
  const emulator = new Emulator(size, unicode);
  emulator.write("\x1b[?1049h\x1b[?25l\x1b[?7l");
  emulator.writes.length = 0;
  const screen = new Compositor({ size, depth: "truecolor", sink: emulator, timers: new FakeTimers() });
  screen.resume({ forget: false });
  const show = (rows: readonly string[]): string => {
    emulator.writes.length = 0;
    screen.setBase(rows);
    screen.composeNow();
    return emulator.writes.join("");
  };
  return { emulator, screen, show };
}

/** The same rows, written plainly into a terminal of their own. */
function plainly(rows: readonly string[], size: Size): string[] {
  const emulator = new Emulator(size);
  emulator.write("\x1b[?7l");
  rows.forEach((row, index) => emulator.write(`\x1b[${index + 1};1H\x1b[m\x1b[K${row}`));
  return emulator.cells();
}

/** What the frame says beyond the marks of synchronized output and the pace query. */
const payload = (frame: string) => frame.replace("\x1b[?2026h", "").replace("\x1b[?2026l", "").replace("\x1b[5n", "");

describe("random frames", () => {
  test.each([1, 2, 3, 4])("seed %i: every cell is what a plain write gives", (seed) => {
    const random = new Random(seed);
    const size = { columns: 24 + random.below(20), rows: 6 + random.below(6) };
    const { emulator, show } = screenOf(size);
    const reference = new Emulator(size);
    reference.write("\x1b[?7l");
    const rows = Array.from({ length: size.rows }, () => "");
    for (let frame = 0; frame < 800; frame++) {
      const changes = random.pick([1, 1, 2, size.rows]);
      for (let change = 0; change < changes; change++) {
        const row = random.below(size.rows);
        rows[row] = random.chance(0.5) ? randomRow(random, size.columns) : edited(rows[row] ?? "", random);
        reference.write(`\x1b[${row + 1};1H\x1b[m\x1b[K${rows[row]}`);
      }
      show([...rows]);
      expectSameCells(emulator, reference.cells(), `frame ${frame}`);
    }
  });
});

/** Replaces one plain letter, so that single cells change between equal ones. */
function edited(row: string, random: Random): string {
  const letters = [...row.matchAll(/(?<=^|[a-zA-Z ])[a-zA-Z ](?=[a-zA-Z ]|$)/g)];
  const at = letters.length === 0 ? undefined : random.pick(letters).index;
  return at === undefined ? row : `${row.slice(0, at)}${random.pick(["x", "y", "z", " "])}${row.slice(at + 1)}`;
}

describe("wide glyphs", () => {
  const size = { columns: 20, rows: 2 };
  test.each([
    ["another wide one, and a change further on", "a界bcdefghij", "a漢bcdefghiX"],
    ["two narrow ones", "a界b", "axyb"],
    ["two narrow ones and back", "axyb", "a界b"],
    ["shifted by one column", "a界界界b", "ab界界界"],
    ["in the last two columns", `${"x".repeat(18)}界`, `${"x".repeat(18)}漢`],
    ["only its style", "a\x1b[31m界\x1b[mb", "a\x1b[32m界\x1b[mb"],
    ["gone at the row's end", `${"x".repeat(18)}界`, "x".repeat(18)],
    ["an emoji for a letter", "ab cdefgh", "a😀cdefgX"],
  ])("%s", (_, before, after) => {
    const { emulator, show } = screenOf(size);
    show([before]);
    show([after]);
    expectSameCells(emulator, plainly([after], size));
  });

  test("a terminal that draws emoji narrower still has everything else in its place", () => {
    const { emulator, show } = screenOf({ columns: 20, rows: 1 }, "6");
    show(["ab😀cd⌚ef"]);
    show(["ab🚀cD😀eF"]);
    const cells = Array.from({ length: 10 }, (_, x) => emulator.buffer.getLine(0)?.getCell(x)?.getChars());
    expect(cells).toEqual(["a", "b", "🚀", " ", "c", "D", "😀", " ", "e", "F"]);
  });

  test("a wide glyph that does not fit becomes a blank", () => {
    const { emulator, show } = screenOf(size);
    show([`${"x".repeat(19)}界`]);
    expect(emulator.row(0)).toBe("x".repeat(19));
  });

  test("what terminals count differently is drawn as its base", () => {
    const { emulator, show } = screenOf(size);
    show(["👨‍👩‍👧|👍🏽|❤️|1️⃣|"]);
    expect(emulator.row(0).replaceAll(" ", "")).toBe("👨|👍|❤|1|");
    expect(emulator.buffer.getLine(0)?.getCell(2)?.getChars()).toBe("|");
    expect(emulator.buffer.getLine(0)?.getCell(5)?.getChars()).toBe("|");
    expect(emulator.buffer.getLine(0)?.getCell(8)?.getChars()).toBe("|");
    expect(emulator.buffer.getLine(0)?.getCell(11)?.getChars()).toBe("|");
  });
});

describe("erasing", () => {
  const size = { columns: 30, rows: 1 };
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("%i blanks at the row's end, plain and coloured", (count) => {
    for (const end of [" ".repeat(count), `\x1b[44m${" ".repeat(count)}\x1b[m`]) {
      const { emulator, show } = screenOf(size);
      show([`\x1b[41m${"x".repeat(30)}\x1b[m`]);
      const after = "y".repeat(30 - count) + end;
      const frame = show([after]);
      expectSameCells(emulator, plainly([after], size));
      expect(frame.includes("\x1b[K")).toBe(count > 4 && !end.includes("\x1b"));
    }
  });
});

describe("bytes", () => {
  test("the same frame writes nothing", () => {
    const { show } = screenOf({ columns: 80, rows: 24 });
    const rows = Array.from({ length: 24 }, (_, row) => `\x1b[32mrow ${row}\x1b[m 界`);
    expect(show(rows)).not.toBe("");
    expect(show([...rows])).toBe("");
  });

  test("one changed cell takes at most 16 bytes, wherever it is", () => {
    const { show } = screenOf({ columns: 200, rows: 50 });
    const rows = Array.from({ length: 50 }, () => "a".repeat(200));
    show(rows);
    for (const [row, column] of [
      [0, 0],
      [49, 199],
      [30, 120],
      [9, 99],
    ] as const) {
      rows[row] = `${"a".repeat(column)}▇${"a".repeat(199 - column)}`;
      expect(Buffer.byteLength(show([...rows]))).toBeLessThanOrEqual(16);
    }
  });

  test.each([0, 1, 2, 3, 4, 5, 6])("a gap of %i cells is bridged where that is no longer", (gap) => {
    const { show } = screenOf({ columns: 40, rows: 1 });
    show(["a".repeat(40)]);
    const frame = payload(show([`xx${"a".repeat(gap)}xx`.padEnd(40, "a")]));
    expect(frame.length).toBe("\x1b[Hxxxx".length + Math.min(gap, 4));
    expect(frame.includes("C")).toBe(gap > 4);
  });

  test("a gap in another style is not bridged", () => {
    const { show } = screenOf({ columns: 20, rows: 1 });
    show(["aa\x1b[31mbb\x1b[maa"]);
    expect(payload(show(["xx\x1b[31mbb\x1b[mxx"]))).toBe("\x1b[Hxx\x1b[2Cxx");
  });

  test("long frames are synchronized, each is one write that ends in the default style", () => {
    const { emulator, show } = screenOf({ columns: 80, rows: 10 });
    const frame = show(Array.from({ length: 10 }, () => `\x1b[1;31m${"x".repeat(80)}`));
    expect(emulator.writes).toHaveLength(1);
    expect(frame.startsWith("\x1b[?2026h")).toBe(true);
    expect(frame).toMatch(/\x1b\[m\x1b\[\?2026l(\x1b\[5n)?$/);
  });
});

test("after a resize everything is drawn anew in the new size", () => {
  const random = new Random(9);
  let size = { columns: 30, rows: 8 };
  const { emulator, screen, show } = screenOf(size);
  for (let step = 0; step < 40; step++) {
    size = { columns: 10 + random.below(30), rows: 3 + random.below(10) };
    emulator.xterm.resize(size.columns, size.rows);
    screen.resize(size);
    const rows = Array.from({ length: size.rows }, () => randomRow(random, size.columns));
    show(rows);
    expectSameCells(emulator, plainly(rows, size), `step ${step}`);
  }
});

test("70,000 colours: the tables start anew and the screen stays right", () => {
  const size = { columns: 70, rows: 10 };
  const { emulator, show } = screenOf(size);
  let colour = 0;
  const cell = () => `\x1b[38;2;${(colour >> 16) & 255};${(colour >> 8) & 255};${colour++ & 255}mx`;
  for (let frame = 0; frame < 100; frame++) {
    const rows = Array.from({ length: size.rows }, () => Array.from({ length: size.columns }, cell).join(""));
    show(rows);
    if (frame > 90) expectSameCells(emulator, plainly(rows, size), `frame ${frame}`);
  }
  expect(colour).toBe(70_000);
});

// With one of the two heights the tables start anew in an odd frame, when row 0 has the style it did not begin with.
test.each([9, 10])("a style that gets the number another one had is drawn, %i rows", (rowCount) => {
  const size = { columns: 70, rows: rowCount };
  const { emulator, show } = screenOf(size);
  let colour = 0;
  const cell = () => `\x1b[38;2;${(colour >> 16) & 255};${(colour >> 8) & 255};${colour++ & 255}mx`;
  const others = () => Array.from({ length: rowCount - 1 }, () => Array.from({ length: size.columns }, cell).join(""));
  for (let frame = 0; frame < 125; frame++) {
    const rows = [`\x1b[${frame % 2 === 0 ? "1" : "3"}mstill here`, ...others()];
    show(rows);
    if (frame > 100) expectSameCells(emulator, plainly(rows, size), `frame ${frame}`);
  }
});

test("30,000 clusters: the tables start anew and the screen stays right", () => {
  const size = { columns: 60, rows: 10 };
  const { emulator, show } = screenOf(size);
  let count = 0;
  const cell = () => {
    const marks = count++;
    return `a${String.fromCharCode(0x300 + (marks % 32), 0x300 + ((marks >> 5) % 32), 0x300 + ((marks >> 10) % 32))}`;
  };
  for (let frame = 0; frame < 50; frame++) {
    const rows = Array.from({ length: size.rows }, () => Array.from({ length: size.columns }, cell).join(""));
    show(rows);
    if (frame > 45) expectSameCells(emulator, plainly(rows, size), `frame ${frame}`);
  }
});
