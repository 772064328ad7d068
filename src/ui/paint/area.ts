import type { Tone } from "../../theme/tones.js";
import type { Look } from "../panes/pane.js";
import { fit, type Piece } from "./columns.js";

/** Columns of the labels and the axis. */
export const areaAxisColumns = 6;

interface Area {
  /** One a column and, in braille, two; oldest first. null is unknown: nothing is drawn there. */
  readonly values: readonly (number | null)[];
  /** What fills the height. */
  readonly ceiling: number;
  /** Says the ceiling beside the top. */
  readonly label: string;
  readonly height: number;
}

/** Values of a column: two dots across in braille. */
export function valuesPerColumn({ charts }: Pick<Look, "charts">): number {
  return charts === "braille" ? 2 : 1;
}

const blocks = " ▁▂▃▄▅▆▇█";
const ascii = " ._-=+*##";
/** Bits of the dots of a braille glyph from the foot, of its left and of its right half. */
const leftDots = [0, 0x40, 0x44, 0x46, 0x47] as const;
const rightDots = [0, 0x80, 0xa0, 0xb0, 0xb8] as const;

/** A filled curve with its axis, in rows of pieces; in three tones by height, as sparklines are. */
export function areaRows({ values, ceiling, label, height }: Area, look: Look): readonly (readonly Piece[])[] {
  const per = valuesPerColumn(look);
  const shares = values.map((value) => (value === null ? null : Math.max(0, Math.min(1, value / ceiling))));
  const count = Math.ceil(values.length / per);
  return Array.from({ length: height }, (_, index) => {
    const fromFoot = height - 1 - index;
    const said = index === 0 ? label : fromFoot === 0 ? "0" : "";
    const tick = look.unicode ? (said === "" ? "│" : "┤") : "|";
    const cells = Array.from({ length: count }, (_, column) =>
      cellGlyph(
        shares.slice(column * per, (column + 1) * per).map((share) => rise(share, fromFoot, height)),
        look,
      ),
    );
    const line = cells.join("");
    return [
      ["chart.axis", `${fit(said, areaAxisColumns - 2, "right")} ${tick}`],
      [toneAt((fromFoot + 0.5) / height), line],
    ];
  });
}

/** How much of the cell at that height is filled, 0 to 1. What is known and little still shows at the foot. */
function rise(share: number | null, fromFoot: number, height: number): number {
  if (share === null) return 0;
  return Math.max(fromFoot === 0 ? 0.25 : 0, Math.min(1, share * height - fromFoot));
}

function cellGlyph([left = 0, right = 0]: readonly number[], { charts }: Look): string {
  if (charts === "braille") return braille(left, right);
  return (charts === "ascii" ? ascii : blocks)[Math.round(left * 8)] ?? " ";
}

function braille(left: number, right: number): string {
  const bits = (leftDots[Math.round(left * 4)] ?? 0) | (rightDots[Math.round(right * 4)] ?? 0);
  return bits === 0 ? " " : String.fromCharCode(0x2800 + bits);
}

function toneAt(share: number): Tone {
  return share < 0.34 ? "spark.low" : share < 0.75 ? "spark.middle" : "spark.high";
}
