/** What Ink's `<Text>` takes for the look of a tone. */
export interface InkStyle {
  readonly color?: string;
  readonly backgroundColor?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
}

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** The props of a theme's SGR prefix (`CSI 1;38;2;r;g;b m`). Text inside Ink carries no SGR of its own: boxes lend it their background. */
export function inkStyle(sgr: string): InkStyle {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence starts with one
  const codes = (/\u001b\[([\d;]*)m/.exec(sgr)?.[1] ?? "").split(";").map(Number);
  const style: { -readonly [name in keyof InkStyle]: InkStyle[name] } = {};
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const colour = extended(codes.slice(at + 1));
      if (code === 38) style.color = colour;
      else style.backgroundColor = colour;
      at += codes[at + 1] === 2 ? 4 : 2;
    } else Object.assign(style, attribute(code) ?? basic(code));
  }
  return style;
}

function attribute(code: number): InkStyle | null {
  switch (code) {
    case 1:
      return { bold: true };
    case 2:
      return { dimColor: true };
    case 4:
      return { underline: true };
    case 7:
      return { inverse: true };
    default:
      return null;
  }
}

function basic(code: number): InkStyle {
  const name = names[code % 10];
  const tens = Math.floor(code / 10);
  if (name === undefined) return {};
  if (tens === 3) return { color: name };
  if (tens === 4) return { backgroundColor: name };
  if (tens === 9) return { color: `${name}Bright` };
  if (tens === 10) return { backgroundColor: `${name}Bright` };
  return {};
}

function extended([mode, ...values]: readonly number[]): string {
  if (mode === 5) return `ansi256(${values[0] ?? 0})`;
  return `#${values
    .slice(0, 3)
    .map((value) => value.toString(16).padStart(2, "0"))
    .join("")}`;
}
