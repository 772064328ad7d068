import { describe, expect, test } from "vitest";
import type { InputEvent } from "../../src/terminal/input-event.js";
import { InputFilter } from "../../src/terminal/input-filter.js";
import { FakeTimers } from "./fake-timers.js";

function filterOf() {
  const timers = new FakeTimers();
  const events: InputEvent[] = [];
  const filter = new InputFilter(timers, (event) => events.push(event));
  const push = (text: string | Uint8Array) => filter.push(typeof text === "string" ? Buffer.from(text) : text);
  const names = () => events.map((event) => (event.type === "key" ? event.name : event.type));
  return { timers, events, push, names };
}

const everything =
  "a\x1b[Aé\x1b[1;5C\rj界\x1bOP\x1b[0n\x1bx\x1b[<64;10;5M\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\😀" +
  "\x1b[200~pasted \x1b[31m\x03\x1a text\r\nnext\x1b[201~\x1b[3~\x1b\x1b[B\x1b[?62;22c\x7f\x1b]10;x\x07q\x1b[[A\x1b[97;5u\x1b[Z\x1b[I";
const everythingNames = [
  "a",
  "up",
  "é",
  "ctrl-right",
  "enter",
  "j",
  "界",
  "f1",
  "status",
  "alt-x",
  "mouse",
  "background",
  "😀",
  "paste",
  "delete",
  "alt-down",
  "attributes",
  "backspace",
  "q",
  "f1",
  "ctrl-a",
  "shift-tab",
  "focus",
];

describe("however the bytes arrive", () => {
  test("all at once", () => {
    const { push, names } = filterOf();
    push(everything);
    expect(names()).toEqual(everythingNames);
  });

  test("one by one", () => {
    const { push, names, timers } = filterOf();
    for (const byte of Buffer.from(everything)) push(Uint8Array.of(byte));
    expect(names()).toEqual(everythingNames);
    expect(timers.count).toBe(0);
  });

  test("split in two at every byte", () => {
    const bytes = Buffer.from(everything);
    for (let cut = 1; cut < bytes.length; cut++) {
      const { push, names } = filterOf();
      push(bytes.subarray(0, cut));
      push(bytes.subarray(cut));
      expect(names(), `cut at ${cut}`).toEqual(everythingNames);
    }
  });

  test("no byte of a key is lost or changed", () => {
    const { push, events } = filterOf();
    const keys = "abc\x1b[A\x1b[1;2B\x1bq界é\x1b[99;9Xz";
    push(keys);
    expect(events.map((event) => (event.type === "key" ? event.chunk : ""))).toEqual([
      "a",
      "b",
      "c",
      "\x1b[A",
      "\x1b[1;2B",
      "\x1bq",
      "界",
      "é",
      "\x1b[99;9X",
      "z",
    ]);
  });
});

describe("ESC", () => {
  test("alone is a key after 20 ms", () => {
    const { push, names, timers } = filterOf();
    push("\x1b");
    timers.advance(19);
    expect(names()).toEqual([]);
    timers.advance(1);
    expect(names()).toEqual(["esc"]);
    push("j");
    expect(names()).toEqual(["esc", "j"]);
  });

  test("twice is two keys, and ESC before a plain ESC sequence stays apart", () => {
    const { push, names, timers } = filterOf();
    push("\x1b\x1b");
    timers.advance(20);
    push("\x1b\x1bx");
    expect(names()).toEqual(["esc", "esc", "esc", "alt-x"]);
  });

  test("with the rest a moment later is one key", () => {
    const { push, names, timers } = filterOf();
    push("\x1b");
    timers.advance(10);
    push("[A");
    push("\x1b[");
    timers.advance(90);
    push("B");
    expect(names()).toEqual(["up", "down"]);
  });

  test("alt with a bracket, when nothing follows", () => {
    const { push, names, timers } = filterOf();
    push("\x1b[");
    timers.advance(100);
    push("\x1b]");
    timers.advance(100);
    push("\x1bO");
    timers.advance(100);
    expect(names()).toEqual(["alt-[", "alt-]", "alt-O"]);
  });
});

describe("paste", () => {
  test("megabytes in many pieces are one event", () => {
    const { push, events } = filterOf();
    const text = "0123456789 line of text\n".repeat(100_000);
    push("\x1b[200~");
    for (let at = 0; at < text.length; at += 65_536) push(text.slice(at, at + 65_536));
    push("\x1b[20");
    push("1~");
    expect(events).toEqual([{ type: "paste", text }]);
  });

  test("control characters in it are text; line ends become \\n", () => {
    const { push, events } = filterOf();
    push("\x1b[200~a\x03b\x1ac\rd\r\ne\x1b[A\x1b[201~");
    expect(events).toEqual([{ type: "paste", text: "a\x03b\x1ac\nd\ne\x1b[A" }]);
  });

  test("an empty one is an event too, and its end marker alone is nothing", () => {
    const { push, events } = filterOf();
    push("\x1b[200~\x1b[201~\x1b[201~");
    expect(events).toEqual([{ type: "paste", text: "" }]);
  });

  test("whose end got lost is ended by Ctrl-C after a second", () => {
    const { push, names, timers } = filterOf();
    push("\x1b[200~text");
    push("\x03");
    expect(names()).toEqual([]);
    timers.advance(1_000);
    push("\x03");
    expect(names()).toEqual(["paste", "ctrl-c"]);
  });
});

test.each([
  ["\x1b[<0;3;7M", { action: "press", button: "left", x: 2, y: 6 }],
  ["\x1b[<2;1;1m", { action: "release", button: "right", x: 0, y: 0 }],
  ["\x1b[<32;5;5M", { action: "drag", button: "left" }],
  ["\x1b[<35;5;5M", { action: "move", button: null }],
  ["\x1b[<64;5;5M", { action: "wheel-up", button: null }],
  ["\x1b[<65;5;5M", { action: "wheel-down", button: null }],
  ["\x1b[<28;300;200M", { button: "left", shift: true, alt: true, ctrl: true, x: 299, y: 199 }],
])("mouse %j", (report, wanted) => {
  const { push, events } = filterOf();
  push(report);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ type: "mouse", ...wanted });
});

test("the background's colour, in the forms terminals use", () => {
  const { push, events } = filterOf();
  push("\x1b]11;rgb:ffff/8080/0000\x07\x1b]11;rgb:1/f/0\x1b\\\x1b]11;#102030\x07");
  expect(events).toEqual([
    { type: "background", colour: { red: 255, green: 128, blue: 0 } },
    { type: "background", colour: { red: 17, green: 255, blue: 0 } },
    { type: "background", colour: { red: 16, green: 32, blue: 48 } },
  ]);
});

test("an answer of the terminal right behind an Esc is neither taken for Alt nor lost", () => {
  const { push, names } = filterOf();
  push("\x1b");
  push("\x1b[0n");
  push("\x1b\x1b[I\x1b\x1b[<64;10;5M\x1b\x1b[A");
  expect(names()).toEqual(["esc", "status", "esc", "focus", "esc", "mouse", "alt-up"]);
});
