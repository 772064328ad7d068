import { describe, expect, it } from "vitest";
import { editTextField, type TextFieldState, textEditOf, textField } from "../../../src/ui/widgets/line-editor.js";

/** `|` is the cursor. */
function at(marked: string): TextFieldState {
  const cursor = marked.indexOf("|");
  return { text: marked.replace("|", ""), cursor };
}
const shown = ({ text, cursor }: TextFieldState) => `${text.slice(0, cursor)}|${text.slice(cursor)}`;

function after(marked: string, ...keys: readonly string[]): string {
  const state = keys.reduce((field, key) => {
    const edit = textEditOf(key, "");
    if (edit === null) throw new Error(`${key} does nothing`);
    return editTextField(field, edit);
  }, at(marked));
  return shown(state);
}

describe("keys in a line", () => {
  it.each([
    ["ab|c", "left", "a|bc"],
    ["|abc", "left", "|abc"],
    ["ab|c", "right", "abc|"],
    ["abc|", "right", "abc|"],
    ["a b|c", "home", "|a b c".replace(" c", "c")],
    ["a|bc", "ctrl-e", "abc|"],
    ["ab|c", "backspace", "a|c"],
    ["|abc", "backspace", "|abc"],
    ["ab|c", "delete", "ab|"],
    ["one two|", "ctrl-w", "one |"],
    ["one two  |", "ctrl-w", "one |"],
    ["one tw|o", "ctrl-u", "|o"],
    ["one| two", "ctrl-k", "one|"],
    ["one.two|", "alt-b", "one.|two"],
    ["|one two", "alt-f", "one| two"],
    ["one| two", "ctrl-right", "one two|"],
  ])("%s, %s → %s", (before, key, result) => expect(after(before, key)).toBe(result));

  it.each([
    ["family", "👨‍👩‍👧"],
    ["flag", "🇺🇳"],
    ["accent as a mark", "e\u0301"],
    ["wide", "界"],
  ])("a %s is one step and is deleted whole", (_, glyph) => {
    expect(after(`a${glyph}|b`, "left")).toBe(`a|${glyph}b`);
    expect(after(`a|${glyph}b`, "right")).toBe(`a${glyph}|b`);
    expect(after(`a${glyph}|b`, "backspace")).toBe("a|b");
    expect(after(`a|${glyph}b`, "delete")).toBe("a|b");
  });
});

it("a paste becomes one line without control characters", () => {
  const pasted = editTextField(at("a|b"), { type: "insert", text: "1\r\n2\t3\x1b[A\x00\u009b" });
  expect(shown(pasted)).toBe("a1 2 3[A|b");
});

it("keys that type nothing and edit nothing are left to others", () => {
  expect(textEditOf("enter", "")).toBeNull();
  expect(textEditOf("f1", "")).toBeNull();
  expect(textEditOf("insert", "")).toBeNull();
});

it("starts with the cursor behind the text", () => {
  expect(textField("abc")).toEqual({ text: "abc", cursor: 3 });
});
