import { describe, expect, test } from "vitest";
import { opaqueBackground } from "../../src/terminal/colour.js";
import type { ColourDepth } from "../../src/terminal/colour-depth.js";
import { Compositor } from "../../src/terminal/compositor.js";
import type { Size } from "../../src/terminal/grid.js";
import { Emulator, expectSameCells } from "./emulator.js";
import { FakeTimers } from "./fake-timers.js";

function screenOf(size: Size, depth: ColourDepth = "truecolor") {
  const timers = new FakeTimers();
  const emulator = new Emulator(size);
  const screen = new Compositor({ size, depth, sink: emulator, timers });
  screen.resume({ forget: false });
  return { timers, emulator, screen };
}

/** Cells as Ink draws a Surface. */
const marker = (slot: number, columns: number) => `\x1b[48;2;253;208;${slot}m${" ".repeat(columns)}\x1b[49m`;
const opaque = (columns: number) => marker(0xff, columns);
const at = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });

describe("before Ink", () => {
  test("base rows and placed Surfaces, later ones on top, in one write", async () => {
    const { emulator, screen } = screenOf({ columns: 10, rows: 3 });
    screen.setBase(["╭────────╮", "│        │", "╰────────╯"]);
    screen.place(1, at(1, 1, 8, 1));
    screen.place(2, at(6, 1, 3, 1));
    screen.surface(1).setRows(["abcdefgh"]);
    screen.surface(2).setRows(["XYZ"]);
    await Promise.resolve();
    expect(emulator.text()).toEqual(["╭────────╮", "│abcdeXYZ│", "╰────────╯"]);
    expect(emulator.writes).toHaveLength(1);
    screen.place(2, null);
    await Promise.resolve();
    expect(emulator.row(1)).toBe("│abcdefgh│");
  });

  test("wide glyphs cut by an edge become blanks", () => {
    const { emulator, screen } = screenOf({ columns: 8, rows: 1 });
    screen.place(1, at(-1, 0, 5, 1));
    screen.surface(1).setRows(["界界x"]);
    screen.place(2, at(5, 0, 4, 1));
    screen.surface(2).setRows(["a界界"]);
    screen.composeNow();
    expect(emulator.row(0)).toBe(" 界x a界");
    screen.place(2, at(5, 0, 2, 1));
    screen.composeNow();
    expect(emulator.row(0)).toBe(" 界x a");
  });

  test("nothing is drawn while paused; the newest state is kept", () => {
    const { emulator, screen } = screenOf({ columns: 10, rows: 1 });
    screen.pause();
    screen.setBase(["one"]);
    screen.setBase(["two"]);
    screen.composeNow();
    expect(emulator.writes).toEqual([]);
    screen.resume({ forget: true });
    expect(emulator.row(0)).toBe("two");
  });
});

describe("rows", () => {
  test("a Surface says its size, and asks for rows when it changes, inside the frame that shows it", () => {
    const { emulator, screen } = screenOf({ columns: 10, rows: 2 });
    const surface = screen.surface(1);
    const sizes: string[] = [];
    const stop = surface.onSize((width, height) => {
      sizes.push(`${width}x${height}`);
      surface.setRows(Array.from({ length: height }, () => "#".repeat(width)));
    });
    expect(sizes).toEqual([]);
    screen.place(1, at(0, 0, 4, 1));
    screen.place(1, at(2, 1, 4, 1));
    screen.place(1, at(2, 0, 5, 2));
    screen.composeNow();
    expect(sizes).toEqual(["4x1", "5x2"]);
    expect([surface.width, surface.height]).toEqual([5, 2]);
    expect(emulator.text()).toEqual(["  #####", "  #####"]);
    expect(emulator.writes).toHaveLength(1);
    stop();
    screen.place(1, at(0, 0, 1, 1));
    expect(sizes).toHaveLength(2);
  });

  test("missing rows are blank, further ones are not shown, equal ones write nothing", () => {
    const { emulator, screen } = screenOf({ columns: 5, rows: 3 });
    screen.place(1, at(0, 0, 5, 2));
    screen.surface(1).setRows(["one", "two", "three"]);
    screen.composeNow();
    expect(emulator.text()).toEqual(["one", "two", ""]);
    const writes = emulator.writes.length;
    screen.surface(1).setRows(["one", "two"]);
    screen.composeNow();
    expect(emulator.writes).toHaveLength(writes);
    screen.surface(1).setRows([]);
    screen.composeNow();
    expect(emulator.text()).toEqual(["", "", ""]);
  });
});

describe("under Ink", () => {
  test("marked blanks are the Surface's, everything else is Ink's", () => {
    const { emulator, screen } = screenOf({ columns: 12, rows: 2 });
    screen.surface(7).setRows(["abcdefgh", "ABCDEFGH"]);
    screen.mount(7, () => at(2, 0, 8, 2));
    screen.inkFrame(`> ${marker(7, 8)} <\n> ${marker(7, 2)}\x1b[48;2;253;208;7mX\x1b[49m${opaque(2)}${marker(7, 3)} <`);
    screen.composeNow();
    expect(emulator.text()).toEqual(["> abcdefgh <", "> ABX  FGH <"]);
    expect(emulator.writes.join("")).not.toContain("253");
  });

  test("a wide glyph half under a dialog becomes a blank", () => {
    const { emulator, screen } = screenOf({ columns: 8, rows: 1 });
    screen.surface(1).setRows(["界界界界"]);
    screen.mount(1, () => at(0, 0, 8, 1));
    screen.inkFrame(`${marker(1, 3)}\x1b[48;2;253;208;255m||\x1b[49m${marker(1, 3)}`);
    screen.composeNow();
    expect(emulator.row(0)).toBe("界 || 界");
  });

  test("an unknown slot and cells outside the Surface are default blanks", () => {
    const { emulator, screen } = screenOf({ columns: 8, rows: 1 });
    screen.surface(1).setRows(["abcd"]);
    screen.mount(1, () => at(0, 0, 2, 1));
    screen.inkFrame(`${marker(1, 4)}${marker(9, 2)}zz`);
    screen.composeNow();
    expect(emulator.row(0)).toBe("ab    zz");
  });

  test("taking over an unchanged screen writes nothing", () => {
    const { emulator, screen } = screenOf({ columns: 12, rows: 3 });
    screen.setBase(["\x1b[32m╭ title ───╮\x1b[m", "│          │", "╰──────────╯"]);
    screen.place(1, at(1, 1, 10, 1));
    screen.surface(1).setRows(["\x1b[1mrow 界\x1b[m"]);
    screen.composeNow();
    expect(emulator.row(1)).toBe("│row 界    │");
    emulator.writes.length = 0;
    screen.mount(1, () => at(1, 1, 10, 1));
    screen.inkFrame(`\x1b[32m╭ title ───╮\x1b[39m\n│${marker(1, 10)}│\n╰──────────╯`);
    screen.composeNow();
    expect(emulator.writes).toEqual([]);
    screen.surface(1).setRows(["other"]);
    screen.setBase(["too late"]);
    screen.composeNow();
    expect(emulator.text()).toEqual(["╭ title ───╮", "│other     │", "╰──────────╯"]);
  });

  test("a closing dialog uncovers what the pane holds by then", () => {
    const { emulator, screen } = screenOf({ columns: 6, rows: 1 });
    screen.mount(1, () => at(0, 0, 6, 1));
    screen.surface(1).setRows(["before"]);
    screen.inkFrame(opaque(6));
    screen.composeNow();
    expect(emulator.row(0)).toBe("");
    screen.surface(1).setRows(["behind"]);
    screen.composeNow();
    expect(emulator.row(0)).toBe("");
    screen.inkFrame(marker(1, 6));
    screen.composeNow();
    expect(emulator.row(0)).toBe("behind");
  });

  test("an unmounted Surface leaves blanks and keeps its rows for the next mount", () => {
    const { emulator, screen } = screenOf({ columns: 4, rows: 1 });
    screen.surface(1).setRows(["rows"]);
    const unmount = screen.mount(1, () => at(0, 0, 4, 1));
    screen.inkFrame(marker(1, 4));
    screen.composeNow();
    unmount();
    screen.composeNow();
    expect(emulator.row(0)).toBe("rows");
    screen.inkFrame(marker(1, 4));
    screen.composeNow();
    expect([emulator.row(0), screen.surface(1).width]).toEqual(["", 0]);
    screen.mount(1, () => at(0, 0, 4, 1));
    screen.composeNow();
    expect(emulator.row(0)).toBe("rows");
  });

  test("data cannot forge a marker", () => {
    const { emulator, screen } = screenOf({ columns: 8, rows: 1 });
    screen.surface(2).setRows(["secret"]);
    screen.mount(1, () => at(0, 0, 8, 1));
    screen.surface(1).setRows([`a${marker(2, 3)}\x1b[48;2;253;208;1mb`]);
    screen.inkFrame(marker(1, 8));
    screen.composeNow();
    expect(emulator.row(0)).toBe("a   b");
    expect(emulator.writes.join("")).not.toContain("253");
  });

  test.each<ColourDepth>(["256", "16", "none"])("markers work with %s colours", (depth) => {
    const { emulator, screen } = screenOf({ columns: 10, rows: 1 }, depth);
    screen.mount(1, () => at(0, 0, 8, 1));
    screen.surface(1).setRows(["\x1b[1;38;2;255;0;0mab\x1b[0;48;5;196mc\x1b[7md"]);
    screen.inkFrame(`${marker(1, 8)}\x1b[38;2;0;255;0mzz\x1b[39m`);
    screen.composeNow();
    expect(emulator.row(0)).toBe("abcd    zz");
    const output = emulator.writes.join("");
    expect(output).not.toMatch(/[34]8;2/);
    expect(/[34]8;5/.test(output)).toBe(depth === "256");
    if (depth === "none") expect(output).not.toMatch(/\x1b\[[\d;]*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[\d;]*m/);
    const cells = emulator.rowCells(0).split("|");
    expect(cells[0]).toMatch(/b$/);
    expect(cells[3]).toMatch(/v$/);
  });
});

describe("resize", () => {
  test("waits for Ink's frame of the new size", () => {
    const { emulator, screen } = screenOf({ columns: 6, rows: 1 });
    screen.declareSize({ columns: 6, rows: 1 });
    screen.inkFrame("six co");
    screen.composeNow();
    emulator.writes.length = 0;
    emulator.xterm.resize(8, 1);
    screen.resize({ columns: 8, rows: 1 });
    screen.inkFrame("six cols");
    screen.composeNow();
    expect(emulator.writes).toEqual([]);
    screen.declareSize({ columns: 8, rows: 1 });
    screen.inkFrame("eight co");
    screen.composeNow();
    expect(emulator.row(0)).toBe("eight co");
    expect(emulator.writes).toHaveLength(1);
  });

  test("but not for ever", () => {
    const { timers, emulator, screen } = screenOf({ columns: 6, rows: 1 });
    screen.declareSize({ columns: 6, rows: 1 });
    screen.inkFrame("frozen");
    screen.composeNow();
    screen.resize({ columns: 5, rows: 1 });
    screen.composeNow();
    timers.advance(49);
    emulator.writes.length = 0;
    timers.advance(1);
    screen.composeNow();
    expect(emulator.writes).toHaveLength(1);
    expect(timers.count).toBe(0);
  });

  test("before Ink the launcher places anew and all is drawn in the new size", () => {
    const { emulator, screen } = screenOf({ columns: 10, rows: 2 });
    screen.place(1, at(0, 0, 10, 2));
    screen.surface(1).setRows(["one", "two"]);
    screen.composeNow();
    emulator.xterm.resize(6, 3);
    screen.resize({ columns: 6, rows: 3 });
    screen.place(1, at(0, 1, 6, 2));
    screen.composeNow();
    const wanted = new Emulator({ columns: 6, rows: 3 });
    wanted.write("\x1b[2;1Hone\x1b[3;1Htwo");
    expectSameCells(emulator, wanted.cells());
  });
});

describe("text cursor", () => {
  const field = (x: number) => () => ({ x, y: 0 });
  const position = (emulator: Emulator) => [emulator.buffer.cursorX, emulator.buffer.cursorY];

  test("stands in the field after every frame, and moves for few bytes", () => {
    const { emulator, screen } = screenOf({ columns: 20, rows: 2 });
    screen.setTextCursor(field(3));
    screen.inkFrame("> a");
    screen.composeNow();
    expect(position(emulator)).toEqual([3, 0]);
    emulator.writes.length = 0;
    screen.setTextCursor(field(4));
    screen.inkFrame("> ab");
    screen.composeNow();
    expect(position(emulator)).toEqual([4, 0]);
    expect(emulator.writes.join("").length).toBeLessThanOrEqual(28);
    emulator.writes.length = 0;
    screen.inkFrame("> ab");
    screen.composeNow();
    expect(emulator.writes).toEqual([]);
    screen.setTextCursor(null);
    screen.composeNow();
    expect(emulator.writes).toEqual(["\x1b[?25l"]);
  });

  test("is hidden on a Surface and outside the screen", () => {
    const { emulator, screen } = screenOf({ columns: 8, rows: 1 });
    screen.mount(1, () => at(4, 0, 4, 1));
    screen.surface(1).setRows(["pane"]);
    screen.setTextCursor(field(5));
    screen.inkFrame(`abcd${marker(1, 4)}`);
    screen.composeNow();
    screen.setTextCursor(field(8));
    screen.composeNow();
    expect(emulator.writes.join("")).not.toContain("\x1b[?25h");
  });
});

test("all panes of a 200x50 screen: at most 5.5 kB", () => {
  const { emulator, screen } = screenOf({ columns: 200, rows: 50 });
  const panes = [at(1, 1, 116, 46), at(119, 1, 80, 30), at(119, 33, 80, 14)];
  panes.forEach((rect, slot) => screen.place(slot + 1, rect));
  const table = (frame: number) =>
    Array.from(
      { length: 25 },
      (_, row) =>
        `EXP-${row} ${"title".padEnd(60)} ${row === frame % 25 ? "run " : "done"} 0.${(frame * 7 + row) % 997} ${row + frame}`,
    );
  const log = (frame: number) =>
    Array.from(
      { length: 30 },
      (_, row) => `09:40:12 [mcmc] step ${frame * 3 + row} accepted ${((frame + row) * 31) % 1000}`,
    );
  const fleet = (frame: number) =>
    Array.from(
      { length: 8 },
      (_, row) => `\x1b[32m${Array.from({ length: 40 }, (_, x) => "▁▂▃▄▅▆▇█"[(x + frame + row) % 8]).join("")}\x1b[m`,
    );
  let most = 0;
  for (let frame = 0; frame < 50; frame++) {
    screen.surface(1).setRows(table(frame));
    screen.surface(2).setRows(log(frame));
    screen.surface(3).setRows(fleet(frame));
    emulator.writes.length = 0;
    screen.composeNow();
    screen.answered();
    if (frame > 0) most = Math.max(most, Buffer.byteLength(emulator.writes.join("")));
  }
  expect(most).toBeGreaterThan(500);
  expect(most).toBeLessThanOrEqual(5_500);
});

test("the opaque background is a reserved colour", () => {
  expect(opaqueBackground).toBe("#fdd0ff");
});
