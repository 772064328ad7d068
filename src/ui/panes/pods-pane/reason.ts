import { isWasting, type PodRow, podEnds } from "../../../app/selectors/pod-row.js";
import type { Pod } from "../../../contract/pod.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import type { Piece } from "../../paint/columns.js";
import type { ColumnId } from "./fleet-columns.js";

export interface ReasonContext {
  readonly nowMs: number;
  /** No sample has come for a while. */
  readonly silent: boolean;
  /** Columns that say part of it already. */
  readonly placed: ReadonlySet<ColumnId>;
}

const minuteMs = 60_000;
/** An end this near is said in words. */
const nearMs = 30 * minuteMs;

/** What is wrong, what runs there, and why the pod is as it is; the most important first, nothing twice. */
export function reasonPieces(podRow: PodRow, context: ReasonContext): readonly Piece[] {
  const { pod } = podRow;
  const said = new Set<string>();
  const words = [...troubleWords(pod), ...workWords(podRow, context), ...stateWords(pod, context)].filter(
    ([, text]) => {
      if (text === "" || said.has(text)) return false;
      said.add(text);
      return true;
    },
  );
  if (words.length === 0) return [["text.muted", "–"]];
  return words.flatMap((piece, index): Piece[] => (index === 0 ? [piece] : [["text.muted", " · "], piece]));
}

function troubleWords({ trouble, status }: Pod): readonly Piece[] {
  return trouble === null || status === "terminated" ? [] : [["level.error", trouble.message]];
}

function workWords(podRow: PodRow, context: ReasonContext): readonly Piece[] {
  const { pod } = podRow;
  return [
    ["text.primary", pod.experiments.join(" ")],
    ["level.warn", endWord(pod, context)],
    ["level.warn", silenceWord(podRow, context)],
    [isWasting(pod) ? "alert.warning" : "text.muted", pod.status === "running" ? (pod.idleReason ?? "") : ""],
    ["alert.warning", wasteWord(podRow, context)],
    ...proposalWords(pod),
  ];
}

/** Where no column says it, and it is near. */
function endWord(pod: Pod, { nowMs, placed }: ReasonContext): string {
  const end = placed.has("ends") ? undefined : podEnds(pod).find(({ at }) => at - nowMs < nearMs);
  if (end === undefined) return "";
  return `${end.action === "stop" ? "stops" : "terminates"} in ${longDuration(end.at - nowMs)}`;
}

function silenceWord({ heardAt }: PodRow, { nowMs, silent }: ReasonContext): string {
  return silent && heardAt !== null ? `no telemetry for ${longDuration(nowMs - heardAt)}` : "";
}

function wasteWord({ pod, wastedUsd }: PodRow, { placed }: ReasonContext): string {
  if (placed.has("wasted") || !isWasting(pod) || wastedUsd === null || wastedUsd < 0.01) return "";
  return `${usd(wastedUsd)} wasted`;
}

function proposalWords({ proposal, status }: Pod): readonly Piece[] {
  if (proposal === null || status !== "running") return [];
  return [["text.accent", `d deploys ${proposal.experimentId}`]];
}

function stateWords(pod: Pod, { silent }: ReasonContext): readonly Piece[] {
  const words = pod.status === "running" ? runningWords(pod, silent) : downWords(pod);
  return pod.locked ? [...words, ["text.muted", "locked"]] : words;
}

function runningWords({ idleReason, statusReason, sshReason }: Pod, silent: boolean): readonly Piece[] {
  return [
    ["text.muted", idleReason === null ? (statusReason ?? "") : ""],
    ["text.muted", silent ? "" : (sshReason ?? "")],
  ];
}

function downWords({ status, unsynced, stoppedCostPerMonthUsd, lastSystemLine, statusReason }: Pod): readonly Piece[] {
  const disk = status === "stopped" && (stoppedCostPerMonthUsd ?? 0) > 0;
  return [
    ["level.warn", unsynced.length > 0 ? `${unsynced.join(" ")} only there` : ""],
    ["money", disk ? `disk ${usd(stoppedCostPerMonthUsd)}/mo` : ""],
    ["text.muted", status === "creating" ? (lastSystemLine ?? "") : ""],
    ["text.muted", statusReason ?? ""],
  ];
}

const troubleShort: Readonly<Record<string, string>> = {
  zeroGpu: "no GPU",
  volumeGone: "vol. gone",
  neverBooted: "no boot",
  unreachable: "no answer",
  hostKeyChanged: "host key",
  noSshd: "no sshd",
  diskFull: "disk full",
  clockWrong: "clock",
  stopFailed: "not stop.",
  providerDown: "API down",
};

/** At most nine columns for the codes that are known; others as they are. */
export function troubleWord({ code }: NonNullable<Pod["trouble"]>): string {
  return troubleShort[code] ?? code;
}
