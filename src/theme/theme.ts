import { type Tone, tones } from "./tones.js";

/** `fg` and `bg` name an entry of the palette. Without them the terminal's own colours stay. */
export interface Style {
  readonly fg?: string | undefined;
  readonly bg?: string | undefined;
  readonly bold?: boolean | undefined;
  readonly dim?: boolean | undefined;
  readonly underline?: boolean | undefined;
  readonly inverse?: boolean | undefined;
}

/** A theme as its file has it: colours with names, and what each tone wears. Every tone is there. */
export interface ThemeFile {
  readonly name: string;
  /** The background it is made for; `any` works on both. */
  readonly appearance: "dark" | "light" | "any";
  /** `#rrggbb`, or `ansi:0` … `ansi:15` for one of the terminal's own sixteen colours. */
  readonly palette: Record<string, string>;
  readonly tones: Record<Tone, Style>;
}

/** A theme ready to paint with: the SGR that turns each tone on. */
export interface Theme {
  readonly name: string;
  readonly appearance: ThemeFile["appearance"];
  readonly prefixes: Readonly<Record<Tone, string>>;
}

/** Resolves what each tone wears. The file has been checked: see theme-file.ts. */
export function themeOf({ name, appearance, palette, tones: styles }: ThemeFile): Theme {
  const prefix = (tone: Tone) => {
    const { fg, bg, ...attributes } = styles[tone];
    return sgr([
      ...attributeCodes(attributes),
      ...colourCodes(fg && palette[fg], 30),
      ...colourCodes(bg && palette[bg], 40),
    ]);
  };
  return { name, appearance, prefixes: forEachTone(prefix) };
}

const bold: Style = { bold: true };
const underline: Style = { underline: true };
const dim: Style = { dim: true };
const inverse: Style = { inverse: true };

const plainStyles: Readonly<Partial<Record<Tone, Style>>> = {
  "title.focus": { bold: true, inverse: true },
  "row.selected": inverse,
  "match.current": inverse,
  "alert.critical": inverse,
  "text.strong": bold,
  "text.accent": bold,
  "border.focus": bold,
  "row.marked": bold,
  "priority.critical": bold,
  "priority.high": bold,
  key: bold,
  "status.running": bold,
  "status.fail": bold,
  "level.error": bold,
  "link.lost": bold,
  "alert.warning": bold,
  "notice.bad": bold,
  match: underline,
  "status.blocked": underline,
  "level.warn": underline,
  "text.muted": dim,
  "border.idle": dim,
  "level.debug": dim,
  "priority.low": dim,
  stale: dim,
  "log.time": dim,
  "chart.axis": dim,
};

/** Says the meaning of a tone in bold, dim, underline and inverse alone; glyph and word carry the rest. */
export const plainTheme: Theme = {
  name: "none",
  appearance: "any",
  prefixes: forEachTone((tone) => sgr(attributeCodes(plainStyles[tone] ?? {}))),
};

const reset = "\x1b[0m";

/**
 * The painter of a theme. Paint nests: inside painted text the outer tone goes on where the inner one ends, so a selected
 * row keeps its background under coloured words.
 */
export function paintWith(theme: Theme): (tone: Tone, text: string) => string {
  const { prefixes } = theme;
  return (tone, text) => {
    const prefix = prefixes[tone];
    if (prefix === "" || text === "") return text;
    const inner = text.includes(reset) ? text.replaceAll(reset, reset + prefix) : text;
    return prefix + inner + reset;
  };
}

export interface ThemeChoice {
  /** `--theme`, then the config file; a name of a file in themes/ or of the person's own. */
  readonly flag?: string | undefined;
  readonly config?: string | undefined;
  /** What the terminal said about its background; null where it said nothing. */
  readonly background: "dark" | "light" | null;
  readonly depth: "truecolor" | "256" | "16" | "none";
}

/** Which theme to load; `none` is {@link plainTheme}. Without colours no theme can be kept, whatever was asked. */
export function chooseTheme({ flag, config, background, depth }: ThemeChoice): string {
  if (depth === "none") return "none";
  const asked = flag ?? config ?? "auto";
  if (asked !== "auto") return asked;
  if (depth === "16") return "sixteen";
  return background === "light" ? "light" : "dark";
}

function attributeCodes({ bold, dim, underline, inverse }: Style): number[] {
  const codes: readonly (readonly [boolean | undefined, number])[] = [
    [bold, 1],
    [dim, 2],
    [underline, 4],
    [inverse, 7],
  ];
  return codes.filter(([on]) => on === true).map(([, code]) => code);
}

/** `base` is 30 for the foreground, 40 for the background. */
function colourCodes(colour: string | undefined, base: 30 | 40): number[] {
  if (colour === undefined || colour === "") return [];
  if (colour.startsWith("ansi:")) {
    const index = Number(colour.slice("ansi:".length));
    return [index < 8 ? base + index : base + 60 + index - 8];
  }
  const rgb = Number.parseInt(colour.slice(1), 16);
  return [base + 8, 2, (rgb >> 16) & 0xff, (rgb >> 8) & 0xff, rgb & 0xff];
}

function sgr(codes: readonly number[]): string {
  return codes.length === 0 ? "" : `\x1b[${codes.join(";")}m`;
}

function forEachTone(prefix: (tone: Tone) => string): Record<Tone, string> {
  return Object.fromEntries(tones.map((tone) => [tone, prefix(tone)])) as Record<Tone, string>;
}
