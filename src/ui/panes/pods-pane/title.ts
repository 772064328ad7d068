import { fleetTotals } from "../../../app/selectors/fleet-totals.js";
import type { PodsView } from "../../../app/selectors/visible-pods.js";
import type { AppState } from "../../../app/store.js";
import { longDuration } from "../../../core/duration.js";
import { usd } from "../../../core/money.js";
import type { Piece } from "../../paint/columns.js";
import { count } from "../../paint/number-format.js";

/** The fleet in one line, the most important last: what is in trouble, what idles and what that has cost, what all of it costs. */
export function fleetPieces({ pods, view: { nowMs } }: AppState, view: PodsView): Piece[] {
  if (pods.rows.length === 0) return [];
  const { running, creating, stopped, trouble, burnUsdPerHour, stoppedUsdPerMonth } = fleetTotals(pods);
  const pieces: Piece[] = [];
  if (pods.filter !== "") pieces.push(["text.accent", `${count(view.rows.length)} of ${count(view.total)}`]);
  if (stopped > 0) {
    const disks = stoppedUsdPerMonth >= 0.01 ? ` ${usd(stoppedUsdPerMonth)}/mo` : "";
    pieces.push(["text.muted", `${count(stopped)} stopped${disks}`]);
  }
  if (creating > 0) pieces.push(["status.queued", `${count(creating)} creating`]);
  if (running > 0) pieces.push(["status.running", `${count(running)} running`]);
  if (burnUsdPerHour !== null && burnUsdPerHour > 0) pieces.push(["money", `${usd(burnUsdPerHour)}/h`]);
  pieces.push(...idlePieces(pods));
  pieces.push(...downPieces(pods, nowMs));
  if (trouble > 0) pieces.push(["status.fail", `${count(trouble)} in trouble`]);
  return pieces;
}

const downPieces = ({ providers }: AppState["pods"], nowMs: number): Piece[] =>
  providers
    .filter(({ state }) => state === "down")
    .map(({ label, since }) => {
      const age = since === null ? "" : ` ${longDuration(Math.max(0, nowMs - since))}`;
      return ["alert.warning", `${label} down${age}`];
    });

function idlePieces(pods: AppState["pods"]): Piece[] {
  const { idle, longestIdleMs, wastedUsd } = fleetTotals(pods);
  if (idle === 0) return [];
  const price = wastedUsd >= 0.01 ? `, ${usd(wastedUsd)} wasted` : "";
  return [["alert.warning", `${count(idle)} idle ${longDuration(longestIdleMs)}${price}`]];
}

/** Which of many rows are shown. */
export function positionPieces(top: number, shown: number, all: number): Piece[] {
  return shown < all ? [["text.muted", `${count(top + 1)}–${count(top + shown)} of ${count(all)}`]] : [];
}
