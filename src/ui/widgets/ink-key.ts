import type { Key } from "ink";

const named: readonly (readonly [keyof Key, string])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageUp", "pgup"],
  ["pageDown", "pgdn"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "esc"],
  ["tab", "tab"],
  ["backspace", "backspace"],
  ["delete", "delete"],
];

/** A key as the key table writes it (`enter`, `shift-tab`, `ctrl-w`, `y`), from what Ink tells about it. */
export function inkKeyName(input: string, key: Key): string {
  const special = named.find(([flag]) => key[flag] === true)?.[1];
  const name = special ?? (input === " " ? "space" : input);
  const shift = key.shift && special !== undefined ? "shift-" : "";
  return `${key.ctrl ? "ctrl-" : ""}${key.meta && name !== "esc" ? "alt-" : ""}${shift}${name}`;
}

/** The text a key types; empty for keys that type none. */
export function typedText(input: string, key: Key): string {
  if (key.ctrl || key.meta || named.some(([flag]) => key[flag] === true)) return "";
  return input.replace(/\p{Cc}/gu, "");
}
