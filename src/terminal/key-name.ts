/** Final byte of `CSI … X` and `SS3 X` keys. */
const byFinal: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "begin",
  F: "end",
  H: "home",
  M: "enter",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  Z: "shift-tab",
  a: "shift-up",
  b: "shift-down",
  c: "shift-right",
  d: "shift-left",
};

/** Number of `CSI n ~` keys. */
const byNumber: Readonly<Record<string, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pgup",
  6: "pgdn",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** Code points that have a name of their own. */
const byCode: Readonly<Record<number, string>> = {
  0: "ctrl-space",
  8: "backspace",
  9: "tab",
  // Ctrl-J; and what became of an Enter that was typed before the terminal was ours.
  10: "enter",
  13: "enter",
  27: "esc",
  28: "ctrl-\\",
  29: "ctrl-]",
  30: "ctrl-^",
  31: "ctrl-_",
  32: "space",
  127: "backspace",
};

const numbered = /^\x1b\[(\d+)(?:;(\d+))?([~$^@])$/;
const lettered = /^\x1b(?:\[(?:1?;(\d+))?|O(\d*))([A-Za-z])$/;
const linuxConsole = /^\x1b\[\[([A-E])$/;
const reported = /^\x1b\[(\d+)(?::\d*)*(?:;(\d+)(?::[\d:]*)?)?(?:;[\d:]*)?u$/;
const modifyOther = /^\x1b\[27;(\d+);(\d+)~$/;

/**
 * The name of the key that sent `chunk`: `a`, `A`, `space`, `enter`, `esc`, `shift-tab`, `pgup`, `ctrl-x`, `alt-x`,
 * `ctrl-shift-up`, `f5` …; modifiers in the order ctrl, alt, shift. "" for a sequence that is no known key.
 */
export function keyName(chunk: string): string {
  if (!chunk.startsWith("\x1b") || chunk.length === 1) return plainName(chunk);
  const name = sequenceName(chunk);
  if (name !== "") return name;
  const rest = chunk.slice(1);
  if (rest.startsWith("\x1b")) return withAlt(sequenceName(rest));
  return Array.from(rest).length === 1 ? withAlt(plainName(rest)) : "";
}

function plainName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const named = byCode[code];
  if (named !== undefined) return named;
  return code < 0x20 ? `ctrl-${String.fromCharCode(code + 0x60)}` : character;
}

function withAlt(name: string): string {
  if (name === "") return "";
  return name.startsWith("ctrl-") ? `ctrl-alt-${name.slice(5)}` : `alt-${name}`;
}

function sequenceName(chunk: string): string {
  const other = modifyOther.exec(chunk);
  if (other !== null) return reportedName(other[2], other[1]);
  const number = numbered.exec(chunk);
  if (number !== null) return numberedName(number[1], number[2], number[3]);
  const letter = lettered.exec(chunk);
  if (letter !== null) return letteredName(chunk, letter[3], letter[1] ?? letter[2]);
  const console = linuxConsole.exec(chunk);
  if (console !== null) return `f${(console[1] ?? "A").charCodeAt(0) - 64}`;
  const report = reported.exec(chunk);
  return report === null ? "" : reportedName(report[1], report[2]);
}

function numberedName(number = "", modifiers: string | undefined, final: string | undefined): string {
  const name = byNumber[number] ?? "";
  // rxvt: `$` is shift, `^` is ctrl, `@` both.
  const rxvt = final === "$" ? 2 : final === "^" ? 5 : final === "@" ? 6 : 1;
  return withModifiers(name, modifiers === undefined ? rxvt : Number(modifiers));
}

function letteredName(chunk: string, final = "", modifiers: string | undefined): string {
  const isSs3 = chunk[1] === "O";
  if (!isSs3 && (final === "M" || final === "E")) return final === "E" ? "begin" : "";
  const name = byFinal[final] ?? "";
  // rxvt sends ctrl with an arrow as SS3 and a small letter.
  if (isSs3 && name.startsWith("shift-") && final !== "Z") return `ctrl-${name.slice(6)}`;
  return withModifiers(name, modifiers === undefined || modifiers === "" ? 1 : Number(modifiers));
}

/** kitty and modifyOtherKeys report the code point and the modifiers. */
function reportedName(code = "", modifiers = "1"): string {
  const point = Number(code);
  if (!(point > 0 && point <= 0x10_ffff)) return "";
  const name = plainName(String.fromCodePoint(point));
  const isLetter = Array.from(name).length === 1;
  const bits = Number(modifiers) - 1;
  if (!isLetter || (bits & 1) === 0) return withModifiers(name, Number(modifiers));
  return withModifiers(name.toUpperCase(), (bits & ~1) + 1);
}

/** xterm's modifier parameter: one more than shift 1, alt 2, ctrl 4, meta 8. */
function withModifiers(name: string, parameter: number): string {
  if (name === "") return "";
  const bits = parameter - 1;
  const shift = (bits & 1) !== 0 && !name.startsWith("shift-") ? "shift-" : "";
  const alt = (bits & 10) !== 0 ? "alt-" : "";
  return `${(bits & 4) !== 0 ? "ctrl-" : ""}${alt}${shift}${name}`;
}
