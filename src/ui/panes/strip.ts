import { chainHealth } from "../../app/selectors/chain-health.js";
import { totals } from "../../app/selectors/totals.js";
import { type PaneId, paneIds } from "../../app/slices/view.js";
import type { AppState } from "../../app/store.js";
import { usd } from "../../core/money.js";
import type { Layout } from "../layout.js";
import { clip, type Piece, row, widthOf } from "../paint/columns.js";
import { glyph } from "../paint/look.js";
import { count, significant } from "../paint/number-format.js";
import { paneTitles } from "../paint/pane-frame.js";
import type { Look } from "./pane.js";

/** One row about all four panes, like tabs: those on the screen are marked, of the others the one thing that matters is said. */
export function stripRow(state: AppState, layout: Layout, width: number, look: Look): string {
  const names = paneIds.map((id): readonly Piece[] => [tab(state, id)]);
  const facts = paneIds.map((id) => (layout.panes[id] === undefined ? factOf(state, id, look) : []));
  const gap: Piece = ["text.primary", "  "];
  let room = width - 1 - names.reduce((sum, pieces) => sum + widthOf(pieces) + 2, 0);
  const pieces: Piece[] = [["text.primary", " "]];
  for (const [index, name] of names.entries()) {
    const fact = clip(facts[index] ?? [], Math.max(0, room));
    const shown = widthOf(fact) > 3 ? fact : [];
    room -= widthOf(shown);
    pieces.push(...name, ...shown, gap);
  }
  return row(look.paint, width, pieces);
}

function tab({ view }: AppState, id: PaneId): Piece {
  return [id === view.focus ? "title.focus" : "title.idle", ` ${paneTitles[id]} `];
}

function factOf(state: AppState, id: PaneId, look: Look): Piece[] {
  switch (id) {
    case "queue": {
      const { running, queued } = totals(state);
      return [["text.muted", ` ${count(running)} running ${count(queued)} queued`]];
    }
    case "log": {
      const { buffer, following, experimentId } = state.log;
      if (experimentId === null) return [];
      const lines = `${count(buffer.endIndex - buffer.firstIndex)} lines`;
      return [["text.muted", ` ${lines}${following ? "" : ", paused"}`]];
    }
    case "pods": {
      const running = state.pods.rows.filter(({ status }) => status === "running").length;
      const { burnUsdPerHour } = totals(state);
      const pieces: Piece[] = [["text.muted", ` ${count(running)} running`]];
      if (burnUsdPerHour !== null && burnUsdPerHour > 0) pieces.push(["money", ` ${usd(burnUsdPerHour)}/h`]);
      return pieces;
    }
    case "chain": {
      const health = chainHealth(state);
      if (health?.isChain !== true) return [];
      const { latest } = health.means;
      if (health.converged) return [["status.pass", ` ${glyph("pass", look)} converged`]];
      return [["text.muted", ` R-1 ${significant(latest?.value, 2)}`]];
    }
  }
}
