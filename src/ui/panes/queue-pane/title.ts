import type { Experiment } from "../../../contract/experiment.js";
import { type Piece, printable, widthOf } from "../../paint/columns.js";

/** A shorter piece of a reason says nothing. */
const leastReason = 14;

/** The title; where it leaves room, why the experiment waits or how it ended. */
export function titlePieces(experiment: Experiment, selectedId: string | null, room: number): Piece[] {
  const title: Piece = [titleTone(experiment, selectedId), printable(experiment.title)];
  const { status, statusReason } = experiment;
  const why = status === "fail" ? failedWords(experiment) : status === "pass" ? null : statusReason;
  if (why === null || room - widthOf([title]) < Math.min(leastReason, why.length + 2)) return [title];
  return [title, ["text.muted", `  ${printable(why)}`]];
}

/** What its checks made of it, as a number in front of the reason. */
function failedWords({ result, qc }: Experiment): string | null {
  const score = qc?.score ?? null;
  if (score === null) return result;
  return result === null
    ? `QC ${Math.round(score)}`
    : `QC ${Math.round(score)}: ${result.replace(/^(QC failed|fail):? ?/, "")}`;
}

function titleTone({ _id, status }: Experiment, selectedId: string | null) {
  if (_id === selectedId) return "text.strong";
  return status === "pass" || status === "fail" ? "text.muted" : "text.primary";
}
