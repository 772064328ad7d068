import { describe, expect, it } from "vitest";
import {
  areaEditOf,
  editTextArea,
  type TextAreaState,
  textArea,
  visibleTop,
} from "../../../src/ui/widgets/area-editor.js";
import { textEditOf } from "../../../src/ui/widgets/line-editor.js";

const height = 4;

function at(marked: string): TextAreaState {
  return { text: marked.replace("|", ""), cursor: marked.indexOf("|"), top: 0, goal: null };
}
const shown = ({ text, cursor }: TextAreaState) => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

function pressed(state: TextAreaState, ...keys: readonly string[]): TextAreaState {
  return keys.reduce((area, key) => {
    const edit = areaEditOf(key) ?? textEditOf(key, "");
    if (edit === null) throw new Error(`${key} does nothing`);
    return editTextArea(area, edit, height);
  }, state);
}
const after = (marked: string, ...keys: readonly string[]) => shown(pressed(at(marked), ...keys));

describe("lines", () => {
  it("Enter keeps the indent, opens a bracket and puts its end on a line of its own", () => {
    expect(after("  a|", "enter")).toBe("  a\n  |");
    expect(after("{|}", "enter")).toBe("{\n  |\n}");
    expect(after('  "a": [|', "enter")).toBe('  "a": [\n    |');
    expect(after("|x", "enter")).toBe("\n|x");
  });

  it("up and down keep the column over shorter lines, counted in cells", () => {
    expect(after("abcdef\nx\nabcd|ef", "up")).toBe("abcdef\nx|\nabcdef");
    expect(after("abcdef\nx\nabcd|ef", "up", "up")).toBe("abcd|ef\nx\nabcdef");
    expect(after("界界\nab|cd", "up")).toBe("界|界\nabcd");
    expect(after("one\ntw|o", "down")).toBe("one\ntw|o");
  });

  it("home, end and kills stay in the line", () => {
    expect(after("one\ntw|o\nthree", "home")).toBe("one\n|two\nthree");
    expect(after("one\nt|wo\nthree", "end")).toBe("one\ntwo|\nthree");
    expect(after("one\nt|wo\nthree", "ctrl-k")).toBe("one\nt|\nthree");
    expect(after("one\ntw|o", "ctrl-u")).toBe("one\n|o");
    expect(after("one\n|two", "backspace")).toBe("one|two");
    expect(after("\n|", "up", "end")).toBe("|\n");
  });

  it("a paste keeps its lines; tabs are blanks, other controls are dropped", () => {
    const pasted = editTextArea(at("a|b"), { type: "insert", text: "1\r\n\t2\x1b\x07" }, height);
    expect(shown(pasted)).toBe("a1\n  2|b");
  });
});

describe("the window", () => {
  const long = textArea(Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n"));

  it("follows the cursor and moves no more than it must", () => {
    const down = pressed(long, ...Array<string>(5).fill("down"));
    expect(down.top).toBe(2);
    expect(pressed(down, "up", "up").top).toBe(2);
    expect(pressed(down, "pgdn").top).toBe(5);
    expect(pressed(down, "ctrl-end").top).toBe(16);
    expect(pressed(down, "ctrl-end", "ctrl-home").top).toBe(0);
  });

  it("wastes no room below when lines go", () => {
    expect(visibleTop({ text: "a\nb", cursor: 2, top: 7, goal: null }, height)).toBe(0);
  });
});
