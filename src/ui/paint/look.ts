import type { Tone } from "../../theme/tones.js";
import type { Look } from "../panes/pane.js";
import { toAscii } from "./ascii.js";

/** Tones that keep their colours in a pane whose data is old: the frame, the cursor, and what says that it is old. */
const kept = new Set<Tone>([
  "border.idle",
  "border.focus",
  "title.idle",
  "title.focus",
  "row.selected",
  "link.lost",
  "link.connecting",
  "match.current",
]);

const faded = new WeakMap<Look, Look>();

/** The same look with everything that could be taken for news in one quiet tone. */
export function staleLook(look: Look): Look {
  const known = faded.get(look);
  if (known !== undefined) return known;
  const made: Look = { ...look, paint: (tone, text) => look.paint(kept.has(tone) ? tone : "stale", text) };
  faded.set(look, made);
  return made;
}

const unpainted = new WeakMap<Look, Look>();

/**
 * The look for words on the selected row. Where that is drawn inverse, coloured words would become blocks of colour: there
 * they are left plain.
 */
export function selectedLook(look: Look): Look {
  const known = unpainted.get(look);
  if (known !== undefined) return known;
  const isInverse = /^\x1b\[(?:[1-4];)*7m/.test(look.paint("row.selected", "x"));
  const made: Look = isInverse ? { ...look, paint: (_, text) => text } : look;
  unpainted.set(look, made);
  return made;
}

/**
 * A look; where the locale is not UTF-8 everything that is painted becomes ASCII of the same width, so that no glyph can
 * fall apart and shift its row.
 */
export function createLook({ paint, charts, unicode }: Look): Look {
  if (unicode) return { paint, charts, unicode };
  return {
    paint: (tone, text) => paint(tone, toAscii(text)),
    charts: "ascii",
    unicode,
  };
}

/** Marks of the chrome. Every glyph is one column wide in every terminal; the second of a pair is its ASCII form. */
const glyphs = {
  cursor: ["▸", ">"],
  mark: ["◆", "*"],
  bookmark: ["★", "#"],
  draft: ["◇", "d"],
  queued: ["◌", "o"],
  running: ["●", "*"],
  pass: ["✔", "+"],
  fail: ["✘", "x"],
  blocked: ["⊘", "!"],
  stopped: ["○", "-"],
  terminated: ["×", "x"],
  alert: ["!", "!"],
  arrow: ["→", "->"],
  separator: ["·", "|"],
  unknown: ["–", "-"],
  gap: ["┈", "-"],
  up: ["↑", "^"],
  down: ["↓", "v"],
  ellipsis: ["…", "~"],
} as const;
export type GlyphName = keyof typeof glyphs;

export function glyph(name: GlyphName, look: Pick<Look, "unicode">): string {
  return glyphs[name][look.unicode ? 0 : 1];
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const asciiSpinner = ["|", "/", "-", "\\"];

/** One column that turns with `spin`. */
export function spinnerGlyph(spin: number, look: Pick<Look, "unicode">): string {
  const frames = look.unicode ? spinner : asciiSpinner;
  return frames[spin % frames.length] ?? "-";
}
