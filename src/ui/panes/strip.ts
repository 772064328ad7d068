import { chainHealth } from "../../app/selectors/chain-health.js";
import { money } from "../../app/selectors/money.js";
import { totals } from "../../app/selectors/totals.js";
import { type PaneId, paneIds } from "../../app/slices/view.js";
import type { AppState } from "../../app/store.js";
import { usd } from "../../core/money.js";
import type { Layout } from "../layout.js";
import { type Piece, row, widthOf } from "../paint/columns.js";
import { glyph } from "../paint/look.js";
import { count, significant } from "../paint/number-format.js";
import { paneTitles } from "../paint/pane-frame.js";
import type { Look } from "./pane.js";

/** One row about all panes, like tabs: those on the screen are marked, of the others the one thing that matters is said. */
export function stripRow(state: AppState, layout: Layout, width: number, look: Look): string {
  const names = paneIds.map((id): readonly Piece[] => [tab(state, id)]);
  const said = paneIds.map((id) => (layout.panes[id] === undefined ? facts[id](state, look) : []));
  const gap: Piece = ["text.primary", "  "];
  let room = width - 1 - names.reduce((sum, pieces) => sum + widthOf(pieces) + 2, 0);
  const pieces: Piece[] = [["text.primary", " "]];
  for (const [index, name] of names.entries()) {
    const shown = whole(said[index] ?? [], room);
    room -= widthOf(shown);
    pieces.push(...name, ...shown, gap);
  }
  return row(look.paint, width, pieces);
}

/** Pieces as far as they fit: a number that is cut is a wrong one. */
function whole(pieces: readonly Piece[], room: number): readonly Piece[] {
  const kept: Piece[] = [];
  for (const piece of pieces) {
    if (widthOf([...kept, piece]) > room) break;
    kept.push(piece);
  }
  return kept;
}

function tab({ view }: AppState, id: PaneId): Piece {
  return [id === view.focus ? "title.focus" : "title.idle", ` ${paneTitles[id]} `];
}

const facts: Readonly<Record<PaneId, (state: AppState, look: Look) => Piece[]>> = {
  queue: (state) => {
    const { running, queued } = totals(state);
    return [
      ["text.muted", ` ${count(running)} running`],
      ["text.muted", ` ${count(queued)} queued`],
    ];
  },
  log: ({ log: { buffer, following, experimentId } }) => {
    if (experimentId === null) return [];
    return [["text.muted", ` ${count(buffer.endIndex - buffer.firstIndex)} lines${following ? "" : ", paused"}`]];
  },
  pods: (state) => {
    const running = state.pods.rows.filter(({ status }) => status === "running").length;
    const { burnUsdPerHour } = money(state);
    const burn = burnUsdPerHour === null || burnUsdPerHour === 0 ? "" : ` ${usd(burnUsdPerHour)}/h`;
    return [
      ["text.muted", ` ${count(running)} running`],
      ["money", burn],
    ];
  },
  chain: (state, look) => {
    const health = chainHealth(state);
    if (health?.isChain !== true) return [];
    if (health.converged) return [["status.pass", ` ${glyph("pass", look)} converged`]];
    return [["text.muted", ` R-1 ${significant(health.means.latest?.value, 2)}`]];
  },
  costs: (state) => {
    const { todayUsd, estimated, burnUsdPerHour } = money(state);
    if (todayUsd === null || (todayUsd === 0 && burnUsdPerHour === 0)) return [];
    return [
      ["money", ` ${usd(todayUsd, { estimate: estimated })}`],
      ["text.muted", " today"],
    ];
  },
};
