import { asBackground, type Colour, defaultColour, markerSlot, paletteColour, rgbColour } from "./colour.js";

/** How a cell is drawn, normalised: two equal styles look the same. */
export interface Style {
  readonly attributes: number;
  readonly foreground: Colour;
  readonly background: Colour;
  readonly underlineColour: Colour;
}

export const defaultStyle: Style = { attributes: 0, foreground: 0, background: 0, underlineColour: 0 };

const bold = 1;
const dim = 2;
/** Attributes with an own on and off code, in the order they are sent. */
const switches = [
  { bit: 4, on: 3, off: 23 },
  { bit: 8, on: 5, off: 25 },
  { bit: 16, on: 7, off: 27 },
  { bit: 32, on: 8, off: 28 },
  { bit: 64, on: 9, off: 29 },
  { bit: 128, on: 53, off: 55 },
] as const;
/** Underline kind (0 none, 1 single … 5 dashed) sits above the switches. */
const underlineShift = 8;
const underlineMask = 7 << underlineShift;

type Draft = { -readonly [K in keyof Style]: Style[K] };

/** The style after `CSI params m`. Unknown codes are ignored alone; 38, 48 and 58 take their arguments with them. */
export function applySgr(style: Style, params: string): Style {
  const draft: Draft = { ...style };
  const groups = params.split(";");
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at] ?? "";
    const code = Number.parseInt(group, 10) || 0;
    if (code === 38 || code === 48 || code === 58) at += applyColour(draft, code, groups.slice(at));
    else if (code === 4) setUnderline(draft, group.includes(":") ? Number(group.split(":")[1]) : 1);
    else applyCode(draft, code);
  }
  return draft;
}

/** Sets the colour and says how many further groups it took. */
function applyColour(draft: Draft, code: number, groups: readonly string[]): number {
  const own = (groups[0] ?? "").split(":");
  const inline = own.length > 1;
  const args = inline ? own.slice(1) : groups.slice(1, 5);
  // In the `:` form a colour space may stand between the mode and the channels.
  const at = inline && args[0] === "2" && args.length > 4 ? 2 : 1;
  const colour = colourOf(args[0], args.slice(at));
  if (colour !== undefined) setColour(draft, code, colour);
  if (inline) return 0;
  return Math.min(args.length, args[0] === "2" ? 4 : args[0] === "5" ? 2 : 1);
}

function colourOf(mode: string | undefined, values: readonly string[]): Colour | undefined {
  const channels = values.map((value) => (value === "" ? 0 : Number(value)));
  const [first, second, third] = channels;
  if (first === undefined || channels.some((value) => !(value <= 255))) return undefined;
  if (mode === "5") return paletteColour(first);
  if (mode !== "2" || second === undefined || third === undefined) return undefined;
  return rgbColour(first, second, third);
}

function setColour(draft: Draft, code: number, colour: Colour): void {
  if (code === 38) draft.foreground = colour;
  else if (code === 48) draft.background = asBackground(colour);
  else draft.underlineColour = colour;
}

function setUnderline(draft: Draft, kind: number): void {
  const known = kind >= 0 && kind <= 5 ? kind : 1;
  draft.attributes = (draft.attributes & ~underlineMask) | (known << underlineShift);
}

function applyCode(draft: Draft, code: number): void {
  if (code === 0) Object.assign(draft, defaultStyle);
  else if (code === 1) draft.attributes |= bold;
  else if (code === 2) draft.attributes |= dim;
  else if (code === 21) setUnderline(draft, 2);
  else if (code === 22) draft.attributes &= ~(bold | dim);
  else if (code === 24) setUnderline(draft, 0);
  else if (code >= 30 && code !== 53 && code !== 55) applyNamedColour(draft, code);
  else applySwitch(draft, code === 6 ? 5 : code);
}

function applySwitch(draft: Draft, code: number): void {
  for (const { bit, on, off } of switches) {
    if (code === on) draft.attributes |= bit;
    if (code === off) draft.attributes &= ~bit;
  }
}

function applyNamedColour(draft: Draft, code: number): void {
  const units = code % 10;
  const tens = (code - units) / 10;
  if (code === 59) draft.underlineColour = defaultColour;
  else if (tens === 3 && units !== 8) draft.foreground = units === 9 ? defaultColour : paletteColour(units);
  else if (tens === 4 && units !== 8) draft.background = units === 9 ? defaultColour : paletteColour(units);
  else if (tens === 9 && units < 8) draft.foreground = paletteColour(8 + units);
  else if (tens === 10 && units < 8) draft.background = paletteColour(8 + units);
}

/** The shortest sequence that takes the terminal from one style to the other; "" where nothing differs. */
export function sgrTransition(from: Style, to: Style): string {
  const change = [...attributeChanges(from.attributes, to.attributes), ...colourChanges(from, to)];
  if (change.length === 0) return "";
  const fresh = [...attributeChanges(0, to.attributes), ...colourChanges(defaultStyle, to)];
  const delta = change.join(";");
  const reset = fresh.length === 0 ? "" : `0;${fresh.join(";")}`;
  return `\x1b[${delta.length <= reset.length ? delta : reset}m`;
}

function attributeChanges(from: number, to: number): string[] {
  const codes: string[] = [];
  const weight = bold | dim;
  let held = from & weight;
  if ((held & ~to) !== 0) {
    // Bold and dim share their off code: what stays must be set again.
    codes.push("22");
    held = 0;
  }
  if ((to & bold & ~held) !== 0) codes.push("1");
  if ((to & dim & ~held) !== 0) codes.push("2");
  for (const { bit, on, off } of switches) {
    if (((from ^ to) & bit) !== 0) codes.push(String((to & bit) === 0 ? off : on));
  }
  const kind = (to & underlineMask) >> underlineShift;
  if (kind !== (from & underlineMask) >> underlineShift) {
    codes.push(kind === 0 ? "24" : kind === 1 ? "4" : `4:${kind}`);
  }
  return codes;
}

function colourChanges(from: Style, to: Style): string[] {
  const codes: string[] = [];
  const background = drawn(to.background);
  if (from.foreground !== to.foreground) codes.push(colourCode(to.foreground, 30));
  if (drawn(from.background) !== background) codes.push(colourCode(background, 40));
  if (from.underlineColour !== to.underlineColour) codes.push(underlineColourCode(to.underlineColour));
  return codes;
}

/** Markers are drawn as the default background. */
function drawn(background: Colour): Colour {
  return markerSlot(background) === 0 ? background : defaultColour;
}

function colourCode(colour: Colour, base: 30 | 40): string {
  if (colour === defaultColour) return String(base + 9);
  if (colour <= 8) return String(base + colour - 1);
  if (colour <= 16) return String(base + 60 + colour - 9);
  if (colour <= 256) return `${base + 8};5;${colour - 1}`;
  return `${base + 8};2;${channels(colour).join(";")}`;
}

/** In the `:` form: a terminal that does not know code 58 then ignores it whole. */
function underlineColourCode(colour: Colour): string {
  if (colour === defaultColour) return "59";
  return colour <= 256 ? `58:5:${colour - 1}` : `58:2::${channels(colour).join(":")}`;
}

const channels = (colour: Colour) => [(colour >> 16) & 0xff, (colour >> 8) & 0xff, colour & 0xff];
