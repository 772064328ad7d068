import type { Tone } from "../../theme/tones.js";
import type { Look, PaneSize } from "../panes/pane.js";
import { clip, type Piece, row, widthOf } from "./columns.js";

const rounded = { topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯", across: "─", down: "│" };
/** A shorter piece of a title says nothing. */
const leastSubject = 8;
const ascii = { topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+", across: "-", down: "|" };

export interface FrameText {
  /** The pane's number and name: `1 Queue`. */
  readonly title: string;
  /** Beside the title: what is shown. */
  readonly subject?: readonly Piece[];
  /** At the right end of the border: counts and states, the most important one last. They go from the left where room is short. */
  readonly right?: readonly Piece[];
  /** At the right end of the lower border. */
  readonly foot?: readonly Piece[];
  readonly focused: boolean;
}

/**
 * Rounded box around rows that already are exactly `width - 2` wide; missing rows are blank, surplus ones are left out.
 * The title of the focused pane is a filled label, so that focus shows without colour.
 */
export function frame(text: FrameText, body: readonly string[], size: PaneSize, look: Look): readonly string[] {
  const { width, height } = size;
  if (height <= 0) return [];
  if (width < 4 || height < 2) return Array.from({ length: height }, () => " ".repeat(Math.max(0, width)));
  const tone: Tone = text.focused ? "border.focus" : "border.idle";
  const glyphs = look.unicode ? rounded : ascii;
  const side = look.paint(tone, glyphs.down);
  const rows = [topBorder(text, tone, width, look)];
  const blank = " ".repeat(width - 2);
  for (let index = 0; index < height - 2; index++) rows.push(side + (body[index] ?? blank) + side);
  rows.push(bottomBorder(text, tone, width, look));
  return rows;
}

function topBorder(text: FrameText, tone: Tone, width: number, look: Look): string {
  const { topLeft, topRight, across } = look.unicode ? rounded : ascii;
  const room = width - 4;
  const title: Piece = [text.focused ? "title.focus" : "title.idle", ` ${text.title} `];
  const [name, ...rest] = text.subject ?? [];
  const nameColumns = name === undefined ? 0 : widthOf([name]) + 2;
  const right = fitting(text.right ?? [], room - widthOf([title]) - nameColumns - 1, across);
  const left = clip([title], room - widthOf(right));
  const subjectRoom = room - widthOf(left) - widthOf(right) - 3;
  if (name !== undefined && subjectRoom >= nameColumns - 2) {
    const more = subjectRoom - nameColumns >= leastSubject ? rest : [];
    left.push(["text.primary", " "], ...clip([name, ...more], subjectRoom), ["text.primary", " "]);
  }
  const rule = across.repeat(Math.max(0, room - widthOf(left) - widthOf(right)));
  const pieces: Piece[] = [[tone, topLeft + across], ...left, [tone, rule], ...right, [tone, across + topRight]];
  return row(look.paint, width, pieces);
}

function bottomBorder({ foot = [] }: FrameText, tone: Tone, width: number, look: Look): string {
  const { bottomLeft, bottomRight, across } = look.unicode ? rounded : ascii;
  const right = fitting(foot, width - 4, across);
  const rule = across.repeat(Math.max(0, width - 3 - widthOf(right)));
  return row(look.paint, width, [[tone, bottomLeft + rule], ...right, [tone, across + bottomRight]]);
}

/** The last pieces that fit, with ` · ` between and a blank at both ends. */
function fitting(pieces: readonly Piece[], room: number, across: string): Piece[] {
  const separator: Piece = ["text.muted", across === "─" ? " · " : " | "];
  const blank: Piece = ["text.muted", " "];
  const all = pieces.filter(([, text]) => text !== "");
  for (let from = 0; from < all.length; from++) {
    const kept = all.slice(from).flatMap((piece, index) => (index === 0 ? [blank, piece] : [separator, piece]));
    kept.push(blank);
    if (widthOf(kept) <= room) return kept;
  }
  return [];
}
