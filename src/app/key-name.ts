/** Names people write for keys → the names the terminal layer gives them. */
const aliases: Readonly<Record<string, string>> = {
  escape: "esc",
  return: "enter",
  pageup: "pgup",
  pagedown: "pgdn",
  del: "delete",
  backtab: "shift-tab",
  " ": "space",
};

/** A key as the keymap knows it: `Ctrl-L`, `ctrl+l` and `C-l` are `ctrl-l`; a letter keeps its case. */
export function normaliseKey(key: string): string {
  if (key.length === 1) return aliases[key] ?? key;
  const parts = key.replaceAll("+", "-").split(/-(?=.)/);
  const last = parts.pop() ?? "";
  const modifiers = parts.map(
    (part) => ({ c: "ctrl", a: "alt", m: "alt", s: "shift" })[part.toLowerCase()] ?? part.toLowerCase(),
  );
  const base = last.length === 1 && !modifiers.includes("ctrl") ? last : last.toLowerCase();
  return aliases[[...modifiers, base].join("-")] ?? [...modifiers, aliases[base] ?? base].join("-");
}

const shown: Readonly<Record<string, string>> = {
  enter: "⏎",
  space: "Space",
  esc: "Esc",
  tab: "Tab",
  "shift-tab": "⇧Tab",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  pgup: "PgUp",
  pgdn: "PgDn",
  home: "Home",
  end: "End",
};

/** A key as a person reads it: `⏎`, `Ctrl-L`, `p`. Without Unicode the words stay words. */
export function keyLabel(key: string, unicode = true): string {
  const label = shown[key];
  if (label !== undefined && (unicode || /^[\x20-\x7e]+$/.test(label))) return label;
  return key.replace(
    /\b(ctrl|alt|shift|enter|up|down|left|right)\b/g,
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  );
}
