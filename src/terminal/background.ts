/** Whether the terminal draws on a dark or a light ground. */
export type Background = "dark" | "light";

/** A colour reply, each channel 0–255. */
export interface Rgb {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** Asks the terminal for its background colour (OSC 11). */
export const backgroundQuery = "\x1b]11;?\x1b\\";

/** The colour in an OSC 10/11 reply (`rgb:rrrr/gggg/bbbb` with 1–4 digits each, or `#rrggbb`); null for anything else. */
export function parseColourReply(text: string): Rgb | null {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text);
  const spec = hex ?? /^rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(text);
  if (spec === null) return null;
  const channel = (digits = "0") => Math.round((parseInt(digits, 16) / (16 ** digits.length - 1)) * 255);
  return { red: channel(spec[1]), green: channel(spec[2]), blue: channel(spec[3]) };
}

/** Dark or light by perceived brightness. */
export function backgroundOf({ red, green, blue }: Rgb): Background {
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light";
}

/** COLORFGBG (`15;0`, `0;default;15`): the last field is the background's palette entry. Null where it says nothing. */
export function backgroundFromEnv(env: Readonly<Record<string, string | undefined>>): Background | null {
  const last = (env["COLORFGBG"] ?? "").split(";").at(-1) ?? "";
  if (!/^\d{1,2}$/.test(last)) return null;
  const index = Number(last);
  if (index > 15) return null;
  return index === 7 || index >= 9 ? "light" : "dark";
}
