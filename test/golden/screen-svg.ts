import type { IBufferCell, Terminal } from "@xterm/headless";

const cell = { width: 8.4, height: 18 } as const;
const margin = 12;
const ground = "#0d1117";
const ink = "#e6edf3";
const fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** What a run of cells wears, as SVG attributes of its text. */
interface Wear {
  readonly fill: string;
  readonly back: string;
  readonly attributes: string;
}

/** A terminal's screen as SVG: words as text, lines, blocks and braille as shapes, so that no font can tear them apart. */
export function screenSvg(terminal: Terminal, title: string): string {
  const width = number(terminal.cols * cell.width + 2 * margin);
  const height = number(terminal.rows * cell.height + 2 * margin);
  const rows = Array.from({ length: terminal.rows }, (_, y) => rowSvg(terminal, y)).filter((row) => row !== "");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${fonts}" font-size="14" role="img">
<title>${escape(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="${ground}"/>
<g xml:space="preserve">
${rows.join("\n")}
</g>
</svg>
`;
}

/** Neighbouring cells that look alike and are drawn as one. */
interface Run {
  readonly x: number;
  readonly y: number;
  readonly wear: Wear;
  readonly kind: "text" | "rule" | "shape";
  text: string;
  columns: number;
}

function rowSvg(terminal: Terminal, y: number): string {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.viewportY + y);
  const runs: Run[] = [];
  for (let x = 0; x < terminal.cols; x++) {
    const at = line?.getCell(x);
    if (at === undefined || at.getWidth() === 0) continue;
    const text = at.getChars() || " ";
    const next: Run = { x, y, wear: wearOf(at), kind: kindOf(text), text, columns: at.getWidth() };
    const last = runs.at(-1);
    if (last !== undefined && next.kind !== "shape" && last.kind === next.kind && isSame(last.wear, next.wear)) {
      last.text += next.text;
      last.columns += next.columns;
    } else runs.push(next);
  }
  return runs.map((run) => backSvg(run) + drawings[run.kind](run)).join("");
}

const drawings: Readonly<Record<Run["kind"], (run: Run) => string>> = { text: textSvg, rule: ruleSvg, shape: shapeSvg };

function kindOf(text: string): Run["kind"] {
  if (text === "─") return "rule";
  const code = text.codePointAt(0) ?? 0;
  return text in strokes || (code >= 0x2581 && code <= 0x2588) || (code > 0x2800 && code <= 0x28ff) ? "shape" : "text";
}

function textSvg({ x, y, text, columns, wear }: Run): string {
  const word = text.trim();
  if (word === "") return "";
  const lead = text.length - text.trimStart().length;
  const left = number(margin + (x + lead) * cell.width);
  const baseline = number(margin + y * cell.height + 13.5);
  // The length keeps every run on the grid, whatever font the reader has.
  const length = number((columns - (text.length - word.length)) * cell.width);
  const place = `x="${left}" y="${baseline}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`;
  return `<text ${place} fill="${wear.fill}"${wear.attributes}>${escape(word)}</text>`;
}

function ruleSvg({ x, y, columns, wear }: Run): string {
  const [left, middle] = [margin + x * cell.width, margin + (y + 0.5) * cell.height];
  const path = `M${number(left)},${number(middle)}H${number(left + columns * cell.width)}`;
  return `<path d="${path}" fill="none" stroke="${wear.fill}" stroke-width="1.2"/>`;
}

function backSvg({ x, y, columns, wear }: Run): string {
  if (wear.back === ground) return "";
  const [w, h] = [columns * cell.width, cell.height];
  return rect({ x: margin + x * cell.width, y: margin + y * cell.height, w, h, fill: wear.back });
}

/** Strokes of the box-drawing glyphs in units of half a cell: from the middle to which sides, and whether corners are round. */
const strokes: Readonly<Record<string, string>> = {
  "┈": "M0,1 H2",
  "│": "M1,0 V2",
  "╭": "M2,1 H1.6 Q1,1 1,1.5 V2",
  "╮": "M0,1 H0.4 Q1,1 1,1.5 V2",
  "╰": "M1,0 V0.5 Q1,1 1.6,1 H2",
  "╯": "M1,0 V0.5 Q1,1 0.4,1 H0",
  "┤": "M1,0 V2 M0,1 H1",
  "├": "M1,0 V2 M1,1 H2",
  "┼": "M1,0 V2 M0,1 H2",
};

function shapeSvg({ x, y, text, wear: { fill } }: Run): string {
  const left = margin + x * cell.width;
  const top = margin + y * cell.height;
  const stroke = strokes[text];
  if (stroke !== undefined) {
    const dash = text === "┈" ? ' stroke-dasharray="1.4 1.4"' : "";
    return `<path d="${strokeAt(stroke, left, top)}" fill="none" stroke="${fill}" stroke-width="1.2"${dash}/>`;
  }
  const code = text.codePointAt(0) ?? 0;
  if (code > 0x2800) return braille(code - 0x2800, { left, top, fill });
  const h = (cell.height * (code - 0x2580)) / 8;
  return rect({ x: left, y: top + cell.height - h, w: cell.width, h, fill });
}

/** Every number of a stroke from half cells to where the cell is; `V` takes a height, `H` a width, points are `x,y`. */
function strokeAt(stroke: string, left: number, top: number): string {
  const across = (value: string) => number(left + (Number(value) * cell.width) / 2);
  const down = (value: string) => number(top + (Number(value) * cell.height) / 2);
  return stroke.replace(
    /([A-Z]?)([\d.]+)(?:,([\d.]+))?/g,
    (_match, command: string, first: string, second: string | undefined) => {
      if (command === "V") return `V${down(first)}`;
      return `${command}${across(first)}${second === undefined ? "" : `,${down(second)}`}`;
    },
  );
}

/** Bit → column and row of the dot: Unicode counts three rows down each column, then the fourth row. */
const dots = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [1, 2],
  [0, 3],
  [1, 3],
] as const;

function braille(bits: number, { left, top, fill }: { left: number; top: number; fill: string }): string {
  return dots
    .filter((_, bit) => (bits & (1 << bit)) !== 0)
    .map(([column, row]) => {
      const x = number(left + (column + 0.5) * (cell.width / 2));
      return `<circle cx="${x}" cy="${number(top + (row + 0.5) * (cell.height / 4))}" r="1.3" fill="${fill}"/>`;
    })
    .join("");
}

const rect = ({ x, y, w, h, fill }: { x: number; y: number; w: number; h: number; fill: string }) =>
  `<rect x="${number(x)}" y="${number(y)}" width="${number(w)}" height="${number(h)}" fill="${fill}"/>`;

function wearOf(at: IBufferCell): Wear {
  const colours = [
    colour(at.isFgRGB(), at.isFgDefault(), at.getFgColor(), ink),
    colour(at.isBgRGB(), at.isBgDefault(), at.getBgColor(), ground),
  ] as const;
  const [fill, back] = at.isInverse() ? [colours[1], colours[0]] : colours;
  const attributes = [
    at.isBold() ? ' font-weight="700"' : "",
    at.isDim() ? ' opacity="0.6"' : "",
    at.isUnderline() ? ' text-decoration="underline"' : "",
  ];
  return { fill, back, attributes: attributes.join("") };
}

/** The picture is taken in truecolor: an indexed colour would mean that the room lost it. */
function colour(isRgb: boolean, isDefault: boolean, value: number, fallback: string): string {
  if (isDefault) return fallback;
  if (!isRgb) throw new Error(`a colour by index (${value}) on a truecolor screen`);
  return `#${value.toString(16).padStart(6, "0")}`;
}

const isSame = (a: Wear, b: Wear) => a.fill === b.fill && a.back === b.back && a.attributes === b.attributes;

const number = (value: number) => String(Math.round(value * 100) / 100);

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
