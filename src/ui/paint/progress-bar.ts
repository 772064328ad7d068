import type { Look } from "../panes/pane.js";
import type { Piece } from "./columns.js";

/** A bar of `width` columns; `fraction` is 0..1. The last column fills in half steps where the alphabet has them. */
export function progressBar(fraction: number, width: number, look: Pick<Look, "unicode">): readonly Piece[] {
  const [full, half, rest] = look.unicode ? (["━", "╸", "─"] as const) : (["=", "-", "."] as const);
  const halves = Math.round(Math.max(0, Math.min(1, fraction)) * width * 2);
  const filled = full.repeat(halves >> 1) + (halves % 2 === 1 ? half : "");
  return [
    ["status.running", filled],
    ["chart.axis", rest.repeat(Math.max(0, width - filled.length))],
  ];
}
