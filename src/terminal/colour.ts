import type { ColourDepth } from "./colour-depth.js";

/**
 * A colour as one integer: 0 is the terminal's default, 1–256 a palette entry plus one, `0x1rrggbb` a true colour,
 * `0x20000nn` the marker of Surface `nn`, which is never drawn.
 */
export type Colour = number;

export const defaultColour: Colour = 0;
const trueColour = 0x100_0000;
const markerColour = 0x200_0000;

export const paletteColour = (index: number): Colour => (index & 0xff) + 1;
export const rgbColour = (red: number, green: number, blue: number): Colour =>
  trueColour | ((red & 0xff) << 16) | ((green & 0xff) << 8) | (blue & 0xff);

/** Slot 255 means: opaque, in the terminal's own background. */
const opaqueSlot = 0xff;

/** The background that marks cells of Surface `slot` (1–254) in Ink's frame. */
export function markerHex(slot: number): string {
  return `#fdd0${slot.toString(16).padStart(2, "0")}`;
}

/** What every line of Ink's that holds a marker contains. */
export const markerSgr = "48;2;253;208;";

/** Background for boxes that hide what is under them without a colour of their own. */
export const opaqueBackground = markerHex(opaqueSlot);

/** Reserved backgrounds (`#fdd0nn`) become markers; whoever sends one, the colour itself is never drawn. */
export function asBackground(colour: Colour): Colour {
  if ((colour & 0x1ff_ff00) !== (trueColour | 0xfd_d000)) return colour;
  const slot = colour & 0xff;
  return slot === 0 || slot === opaqueSlot ? defaultColour : markerColour | slot;
}

/** Slot of a marker background, 0 for any other colour. */
export function markerSlot(colour: Colour): number {
  return colour >= markerColour ? colour & 0xff : 0;
}

const cube = [0, 95, 135, 175, 215, 255] as const;
/** The sixteen named colours as xterm draws them. */
const named = [
  0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5, 0x7f_7f7f, 0xff_0000,
  0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
] as const;

/** The nearest colour a terminal of that depth has; markers and the default stay what they are. */
export function reduceColour(colour: Colour, depth: ColourDepth): Colour {
  if (colour === defaultColour || colour >= markerColour || depth === "truecolor") return colour;
  if (depth === "none") return defaultColour;
  if (colour <= 16 || (depth === "256" && colour <= 256)) return colour;
  const rgb = colour <= 256 ? paletteRgb(colour - 1) : colour & 0xff_ffff;
  return paletteColour(depth === "256" ? nearest256(rgb) : nearestNamed(rgb));
}

function paletteRgb(index: number): number {
  if (index < 16) return named[index] ?? 0;
  if (index >= 232) return (8 + (index - 232) * 10) * 0x1_0101;
  const level = (digit: number) => cube[digit] ?? 0;
  const at = index - 16;
  return (level(Math.floor(at / 36)) << 16) | (level(Math.floor(at / 6) % 6) << 8) | level(at % 6);
}

/** Squared distance, weighed by how strongly the eye sees each channel. */
function distance(one: number, other: number): number {
  const red = ((one >> 16) & 0xff) - ((other >> 16) & 0xff);
  const green = ((one >> 8) & 0xff) - ((other >> 8) & 0xff);
  const blue = (one & 0xff) - (other & 0xff);
  return 2 * red * red + 4 * green * green + 3 * blue * blue;
}

function nearest256(rgb: number): number {
  const digit = (value: number) => (value < 48 ? 0 : value < 115 ? 1 : Math.min(5, Math.floor((value - 35) / 40)));
  const red = (rgb >> 16) & 0xff;
  const green = (rgb >> 8) & 0xff;
  const blue = rgb & 0xff;
  const inCube = 16 + 36 * digit(red) + 6 * digit(green) + digit(blue);
  const step = Math.round(((red + green + blue) / 3 - 8) / 10);
  const grey = 232 + Math.max(0, Math.min(23, step));
  return distance(rgb, paletteRgb(grey)) < distance(rgb, paletteRgb(inCube)) ? grey : inCube;
}

function nearestNamed(rgb: number): number {
  let best = 0;
  for (let index = 1; index < named.length; index++) {
    if (distance(rgb, named[index] ?? 0) < distance(rgb, named[best] ?? 0)) best = index;
  }
  return best;
}
