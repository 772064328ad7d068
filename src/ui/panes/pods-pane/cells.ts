import { isOwnMachine } from "../../../app/pod-action.js";
import { idleMs, isBilling, isWasting, type PodRow, podEnds } from "../../../app/selectors/pod-row.js";
import type { PodsState } from "../../../app/slices/pods.js";
import type { TelemetrySample } from "../../../contract/pod.js";
import { shortDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import { fit, type Piece } from "../../paint/columns.js";
import { gpuLabel } from "../../paint/gpu-label.js";
import { glyph } from "../../paint/look.js";
import { percent } from "../../paint/number-format.js";
import { podLook } from "../../paint/status.js";
import type { Cell } from "../../paint/table.js";
import type { Look } from "../pane.js";
import type { ColumnId } from "./fleet-columns.js";
import { type ReasonContext, reasonPieces, troubleWord } from "./reason.js";
import { costSpark, gpuSparks, utilSpark } from "./sparks.js";

export interface CellContext extends ReasonContext {
  readonly room: number;
  readonly samples: readonly TelemetrySample[];
  readonly look: Look;
  readonly selected: boolean;
  readonly view: Pick<PodsState, "windowMs" | "perGpu">;
}

const nearMs = 30 * 60_000;

/** What stands in each column of a pod's row. */
export const cells: Readonly<Record<ColumnId, (podRow: PodRow, context: CellContext) => Cell>> = {
  name: ({ pod }, { selected }) => [selected ? "text.strong" : "text.primary", pod.name],
  kind: ({ pod }, { look }) => ["text.muted", gpuLabel(pod, look)],
  state: stateCell,
  util: (podRow, context) => ({ pieces: utilPieces(podRow, context) }),
  memory: ({ pod, memoryPercent }, { silent }) => [
    silent ? "stale" : "text.primary",
    percent(pod.status === "running" ? memoryPercent : null),
  ],
  cost: (podRow, context) => ({ pieces: costPieces(podRow, context) }),
  today: ({ pod }) => ["money", usd(pod.costTodayUsd, { estimate: pod.costEstimated })],
  idle: idleCell,
  wasted: ({ pod, wastedUsd }) =>
    isWasting(pod) && wastedUsd !== null && wastedUsd >= 0.01 ? ["alert.warning", usd(wastedUsd)] : ["text.muted", "–"],
  ends: (podRow, context) => ({ pieces: endPieces(podRow, context) }),
  up: ({ pod }, { nowMs }) => [
    "text.muted",
    shortDuration(pod.status === "running" && pod.startedAt !== null ? nowMs - pod.startedAt : null),
  ],
  region: ({ pod }) => ["text.muted", pod.region ?? "–"],
  provider: ({ pod }) => ["text.muted", pod.provider],
  slots: ({ pod }) => ["text.muted", pod.status === "running" ? `${pod.slotsUsed}/${pod.slots}` : "–"],
  reason: (podRow, context) => ({ pieces: reasonPieces(podRow, context) }),
};

function stateCell({ pod }: PodRow, { look }: CellContext): Piece {
  const { trouble, status } = pod;
  if (trouble !== null && status !== "terminated")
    return ["status.fail", `${glyph("fail", look)} ${troubleWord(trouble)}`];
  const { tone, glyph: mark, word } = podLook[status];
  // Without work of the lab there is nothing to drain: it was never given any.
  const draining = status === "running" && !pod.acceptsWork && (isOwnMachine(pod) || pod.experiments.length > 0);
  return [draining ? "status.blocked" : tone, `${glyph(mark, look)} ${draining ? "draining" : word}`];
}

function utilPieces(podRow: PodRow, context: CellContext): readonly Piece[] {
  const { pod, utilPercent } = podRow;
  if (pod.status !== "running") return [];
  const request = {
    pod,
    samples: context.samples,
    windowMs: context.view.windowMs,
    room: context.room,
    look: context.look,
  };
  const pieces = context.view.perGpu ? gpuSparks(request, utilPercent) : utilSpark(request, utilPercent);
  return context.silent ? pieces.map(([, text]): Piece => ["stale", text]) : pieces;
}

function costPieces({ pod }: PodRow, context: CellContext): readonly Piece[] {
  const { room, samples, view, look } = context;
  const line = costSpark({ pod, samples, windowMs: view.windowMs, room, look });
  const bills = isBilling(pod);
  const price = bills ? usd(pod.costPerHourUsd) : "–";
  return [...line, [bills ? "money" : "text.muted", fit(price, line.length > 0 ? 8 : room, "right")]];
}

/** Only what costs money is a warning. */
function idleCell({ pod }: PodRow): Piece {
  if (pod.status !== "running" || pod.idleMinutes === null) return ["text.muted", "–"];
  if (pod.idleMinutes === 0) return ["text.muted", "busy"];
  if (idleMs(pod) === null) return ["text.muted", "<1m"];
  return [isWasting(pod) ? "alert.warning" : "text.muted", shortDuration(idleMs(pod))];
}

/** `13m idle  2h10 max`: what ends it by itself, the next first. */
function endPieces({ pod }: PodRow, { nowMs, room }: CellContext): readonly Piece[] {
  const ends = podEnds(pod);
  if (ends.length === 0) return [["text.muted", "–"]];
  let left = room;
  return ends.flatMap(({ at, why }, index): Piece[] => {
    const text = `${index === 0 ? "" : "  "}${shortDuration(at - nowMs)} ${why === "idle" ? "idle" : "max"}`;
    left -= text.length;
    return left < 0 && index > 0 ? [] : [[at - nowMs < nearMs ? "alert.warning" : "text.muted", text]];
  });
}
