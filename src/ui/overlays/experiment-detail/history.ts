import type { Part } from "../../../app/slices/experiment-detail.js";
import type { StatusChange } from "../../../contract/experiment.js";
import { fit, type Piece, printable } from "../../paint/columns.js";
import { dateTime } from "../../paint/date-time.js";
import { glyph } from "../../paint/look.js";
import { experimentLook } from "../../paint/status.js";
import type { Look } from "../../panes/pane.js";
import { said } from "../../widgets/fact-lines.js";
import type { TabLine } from "../../widgets/lines.js";
import { partLines, wrapped } from "./part-lines.js";

const timeColumns = 21;
const fromColumns = 8;
const toColumns = 12;
const actorColumns = 14;
const indent = 2;

interface Context {
  readonly width: number;
  readonly look: Look;
}

/** Every change of status, newest first: when, from what to what, who, and why below. */
export function historyLines(part: Part<readonly StatusChange[]>, { width, look }: Context): readonly TabLine[] {
  return partLines(part, { width, loading: "Asking for its history …" }, (rows) =>
    rows.length === 0
      ? [said("Nothing is recorded: it was made by an older lab.")]
      : rows.flatMap((change) => changeLines(change, { width, look })),
  );
}

function changeLines(change: StatusChange, { width, look }: Context): readonly TabLine[] {
  const { at, from, status, actor, attempt, reason, message } = change;
  const { tone, glyph: mark, word } = experimentLook[status];
  const pieces: Piece[] = [
    ["log.time", fit(dateTime(at), timeColumns)],
    ["text.muted", `${fit(from ?? "", fromColumns, "right")} ${glyph("arrow", look)} `],
    [tone, fit(`${glyph(mark, look)} ${word}`, toColumns)],
    ["text.strong", fit(printable(actor), actorColumns)],
    ["text.muted", attempt === 0 ? "" : `attempt ${attempt}`],
  ];
  return [
    pieces,
    ...(reason === null ? [] : wrapped(reason, width, "text.muted", timeColumns)),
    ...(message === null ? [] : wrapped(`"${message}"`, width, "text.accent", timeColumns + indent)),
  ];
}
