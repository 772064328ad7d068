import { describe, expect, test } from "vitest";
import { backgroundFromEnv, backgroundOf, parseColourReply } from "../../src/terminal/background.js";
import { copySequence, maxCopyBytes, throughMultiplexer } from "../../src/terminal/clipboard.js";
import { paletteColour, reduceColour, rgbColour } from "../../src/terminal/colour.js";
import { type ColourDepth, colourDepth } from "../../src/terminal/colour-depth.js";
import { titleSequence } from "../../src/terminal/terminal-modes.js";

describe("colour depth", () => {
  test.each<[Record<string, string>, ColourDepth]>([
    [{ TERM: "xterm-256color" }, "256"],
    [{ TERM: "xterm-256color", COLORTERM: "truecolor" }, "truecolor"],
    [{ TERM: "screen", COLORTERM: "24bit" }, "truecolor"],
    [{ TERM: "xterm-direct" }, "truecolor"],
    [{ TERM: "xterm-kitty" }, "truecolor"],
    [{ TERM: "xterm" }, "16"],
    [{ TERM: "linux" }, "16"],
    [{}, "16"],
    [{ TERM: "dumb", COLORTERM: "truecolor" }, "none"],
    [{ TERM: "vt100" }, "none"],
    [{ TERM: "xterm", TERM_PROGRAM: "Apple_Terminal" }, "256"],
    [{ TERM: "xterm-256color", NO_COLOR: "1" }, "none"],
    [{ TERM: "xterm-256color", NO_COLOR: "" }, "256"],
    [{ TERM: "dumb", FORCE_COLOR: "3" }, "truecolor"],
    [{ TERM: "xterm-256color", FORCE_COLOR: "0" }, "none"],
    [{ NO_COLOR: "1", FORCE_COLOR: "3" }, "none"],
  ])("%j: %s", (env, depth) => expect(colourDepth(env)).toBe(depth));

  test("what the person asks for wins", () => {
    expect(colourDepth({ NO_COLOR: "1" }, "256")).toBe("256");
  });

  test("reduction picks near colours, and keeps what the terminal has", () => {
    expect(reduceColour(rgbColour(255, 0, 0), "256")).toBe(paletteColour(196));
    expect(reduceColour(rgbColour(95, 135, 175), "256")).toBe(paletteColour(67));
    expect(reduceColour(rgbColour(128, 128, 128), "256")).toBe(paletteColour(244));
    expect(reduceColour(rgbColour(250, 5, 5), "16")).toBe(paletteColour(9));
    expect(reduceColour(paletteColour(196), "16")).toBe(paletteColour(9));
    expect(reduceColour(paletteColour(232), "16")).toBe(paletteColour(0));
    expect(reduceColour(paletteColour(3), "16")).toBe(paletteColour(3));
    expect(reduceColour(paletteColour(200), "256")).toBe(paletteColour(200));
    expect(reduceColour(paletteColour(3), "none")).toBe(0);
    expect(reduceColour(rgbColour(1, 2, 3), "truecolor")).toBe(rgbColour(1, 2, 3));
  });
});

describe("background", () => {
  test.each([
    ["15;0", "dark"],
    ["0;15", "light"],
    ["0;default;15", "light"],
    ["12;7", "light"],
    ["12;8", "dark"],
    ["0;default", null],
    ["", null],
    ["1;99", null],
  ])("COLORFGBG=%s: %s", (value, wanted) => expect(backgroundFromEnv({ COLORFGBG: value })).toBe(wanted));

  test("by brightness; nonsense is no colour", () => {
    expect(backgroundOf({ red: 30, green: 30, blue: 46 })).toBe("dark");
    expect(backgroundOf({ red: 253, green: 246, blue: 227 })).toBe("light");
    expect(parseColourReply("rgb:zz/0/0")).toBeNull();
    expect(parseColourReply("?")).toBeNull();
  });
});

describe("clipboard", () => {
  test("OSC 52 with the text in base64", () => {
    expect(copySequence("α", {})).toBe("\x1b]52;c;zrE=\x1b\\");
  });

  test("up to the limit, in bytes, not characters", () => {
    expect(copySequence("x".repeat(maxCopyBytes), {})).not.toBeNull();
    expect(copySequence("x".repeat(maxCopyBytes + 1), {})).toBeNull();
    expect(copySequence("α".repeat(maxCopyBytes / 2 + 1), {})).toBeNull();
  });

  test("through tmux plainly and wrapped, through screen in pieces", () => {
    const plain = "\x1b]52;c;eA==\x1b\\";
    expect(copySequence("x", { TMUX: "/tmp/tmux" })).toBe(`${plain}\x1bPtmux;\x1b\x1b]52;c;eA==\x1b\x1b\\\x1b\\`);
    const pieces = throughMultiplexer(`\x1b]52;c;${"A".repeat(500)}\x1b\\`, { STY: "1.pts" });
    expect(pieces.split("\x1b\\").filter(Boolean)).toHaveLength(3);
    expect(pieces.replaceAll(/\x1bP|\x1b\\/g, "")).toBe(`\x1b]52;c;${"A".repeat(500)}\x07`);
  });
});

test("a title can't carry a sequence of its own", () => {
  expect(titleSequence("a\x1b]0;b\x07c\x9bd\ne")).toBe("\x1b]2;a ]0;b c d e\x1b\\");
});
