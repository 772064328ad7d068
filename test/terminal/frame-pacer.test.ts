import { describe, expect, test } from "vitest";
import { Compositor } from "../../src/terminal/compositor.js";
import { InputFilter } from "../../src/terminal/input-filter.js";
import { Emulator } from "./emulator.js";
import { FakeTimers } from "./fake-timers.js";

const size = { columns: 120, rows: 12 };
const rowsOf = (text: string) =>
  Array.from({ length: size.rows }, (_, row) => `${text} ${row} ${text.slice(-1).repeat(100)}`);

/** A compositor on a terminal that answers only when told. */
function scripted() {
  const timers = new FakeTimers();
  const emulator = new Emulator(size);
  let isOpen = true;
  const sink = { write: (frame: string) => emulator.write(frame) && isOpen };
  const screen = new Compositor({ size, depth: "truecolor", sink, timers });
  const filter = new InputFilter(timers, (event) => {
    if (event.type === "status") screen.answered();
  });
  screen.resume({ forget: false });
  const surface = screen.surface(1);
  screen.place(1, { x: 0, y: 0, width: 120, height: 12 });
  return {
    timers,
    emulator,
    screen,
    surface,
    setOpen: (open: boolean) => (isOpen = open),
    show(text: string) {
      surface.setRows(rowsOf(text));
      screen.composeNow();
    },
    answer(...pieces: string[]) {
      for (const piece of pieces.length === 0 ? ["\x1b[0n"] : pieces) filter.push(Buffer.from(piece));
      screen.composeNow();
    },
    queries: () => emulator.writes.filter((frame) => frame.includes("\x1b[5n")).length,
  };
}

describe("a terminal that answers", () => {
  test("one frame on its way; the newest state follows the answer", () => {
    const { emulator, show, answer } = scripted();
    show("first");
    answer();
    show("a");
    expect(emulator.row(0)).toContain("a 0");
    show("b");
    show("c");
    expect(emulator.row(0)).toContain("a 0");
    const before = emulator.writes.length;
    answer();
    expect(emulator.writes).toHaveLength(before + 1);
    expect(emulator.text().slice(0, 2)).toEqual(rowsOf("c").slice(0, 2));
  });

  test("an answer split at every byte counts once", () => {
    const { emulator, show, answer } = scripted();
    show("first");
    answer("\x1b", "[", "0", "n");
    show("a");
    show("b");
    answer("\x1b[", "0n");
    expect(emulator.row(3)).toContain("b 3");
  });

  test("answers nobody asked for do no harm", () => {
    const { emulator, show, answer } = scripted();
    show("first");
    answer("\x1b[0n\x1b[0n\x1b[0n");
    show("a");
    show("b");
    expect(emulator.row(0)).toContain("a 0");
    answer();
    expect(emulator.row(0)).toContain("b 0");
  });

  test("a lost answer holds the next frame for two seconds, no longer", () => {
    const { emulator, timers, show, answer } = scripted();
    show("first");
    answer();
    show("a");
    show("b");
    timers.advance(1_999);
    expect(emulator.row(0)).toContain("a 0");
    timers.advance(1);
    show("b");
    expect(emulator.row(0)).toContain("b 0");
  });

  test("once all is answered no timer is left", () => {
    const { timers, show, answer } = scripted();
    show("first");
    expect(timers.count).toBe(1);
    answer();
    expect(timers.count).toBe(0);
  });

  test("an urgent row does not wait, and the final screen is right", () => {
    const { emulator, screen, surface, show, answer } = scripted();
    show("first");
    answer();
    show("a");
    surface.setRows(rowsOf("b"));
    surface.hurry(4);
    screen.composeNow();
    expect(emulator.row(4)).toContain("b 4");
    expect(emulator.row(5)).toContain("a 5");
    answer();
    expect(emulator.row(5)).toContain("a 5");
    answer();
    expect(emulator.text()).toEqual(rowsOf("b"));
  });

  test("leaving and coming back forgets what was on its way", () => {
    const { emulator, screen, show, answer } = scripted();
    show("first");
    answer();
    show("a");
    screen.pause();
    show("b");
    screen.resume({ forget: true });
    expect(emulator.text()).toEqual(rowsOf("b"));
  });
});

test("a terminal that never answers is neither waited for nor asked for ever", () => {
  const { emulator, timers, show, queries } = scripted();
  show("a");
  show("b");
  expect(emulator.row(0)).toContain("b 0");
  expect(queries()).toBe(1);
  timers.advance(2_000);
  for (let frame = 0; frame < 20; frame++) show(`frame ${frame}`);
  expect(emulator.row(0)).toContain("frame 19 0");
  expect(queries()).toBe(1);
  expect(timers.count).toBe(0);
});

test("a terminal that answers late is waited for from then on", () => {
  const { emulator, timers, show, answer, queries } = scripted();
  show("a");
  timers.advance(2_000);
  answer();
  show("b");
  expect(queries()).toBe(2);
  show("c");
  expect(emulator.row(0)).toContain("b 0");
});

test("small changes go unasked, until they add up", () => {
  const { screen, surface, show, answer, queries } = scripted();
  show("first");
  answer();
  const change = (count: number) => {
    surface.setRows([`first ${count}`, ...rowsOf("first").slice(1)]);
    screen.composeNow();
  };
  change(0);
  answer();
  const asked = queries();
  for (let count = 1; count < 4; count++) change(count);
  expect(queries()).toBe(asked);
  for (let count = 4; count < 10; count++) change(count);
  expect(queries()).toBe(asked + 1);
});

test("a write that returns false holds everything until drained, then the newest state goes out", () => {
  const { emulator, screen, show, setOpen } = scripted();
  setOpen(false);
  show("a");
  show("b");
  show("c");
  expect(emulator.row(0)).toContain("a 0");
  setOpen(true);
  screen.drained();
  screen.composeNow();
  expect(emulator.row(0)).toContain("c 0");
  expect(emulator.writes).toHaveLength(2);
});
