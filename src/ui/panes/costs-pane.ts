import { longestList } from "../../app/selectors/cost-rows.js";
import { isNothingRented, liveCosts } from "../../app/selectors/money.js";
import type { AppState } from "../../app/store.js";
import type { Costs } from "../../contract/cost.js";
import { usd } from "../../core/money.js";
import type { Piece } from "../paint/columns.js";
import { spinnerGlyph } from "../paint/look.js";
import { failureLines, type NoticeLine, noticeRows } from "../paint/notice.js";
import { paneFrame } from "../paint/pane-frame.js";
import { chartRows, chartsHeight } from "./costs-pane/charts.js";
import { overviewRows } from "./costs-pane/overview.js";
import { costTable, tableHeadRows } from "./costs-pane/table.js";
import type { Look, Pane, PaneSize } from "./pane.js";

/** What the lab spends: now, today, this month against its budget, what for, and what for nothing. */
export const costsPane: Pane = {
  id: "costs",
  title: "Costs",
  minimum: { width: 40, height: 6 },
  rows(state, size, look) {
    const { failure } = state.costs;
    const costs = liveCosts(state);
    const text = { id: "costs", right: rightOf(costs), failure: costs === null ? null : failure } as const;
    return paneFrame({ state, size, look }, text, (bodyLook, inner) => {
      if (costs === null || isNothingRented(costs)) return noticeRows(stateLines(state, look), inner, look);
      const parts = partHeights(state, inner);
      const blank = Array.from({ length: parts.gap }, () => " ".repeat(inner.width));
      return [
        ...overviewRows(costs, inner.width, bodyLook),
        ...blank,
        ...chartRows(costs, { width: inner.width, height: parts.charts }, bodyLook),
        ...blank,
        ...costTable(state.costs, { width: inner.width, height: parts.list }, bodyLook),
      ];
    });
  },
};

const plain: Look = { paint: (_, text) => text, charts: "ascii", unicode: false };

/** From this height on there is room for a blank row between the parts. */
const airyRows = 26;

/** Rows of the charts, of the blanks around them, and of the table's list. */
function partHeights({ costs: state }: Pick<AppState, "costs">, inner: PaneSize) {
  if (state.costs === null) return { charts: 0, gap: 0, list: 1 };
  const overview = overviewRows(state.costs, inner.width, plain).length;
  const gap = inner.height >= airyRows ? 1 : 0;
  const left = inner.height - overview - 2 * gap - tableHeadRows;
  const charts = chartsHeight(state.costs, { width: inner.width, height: left }, longestList(state, inner.width));
  return { charts, gap: charts > 0 ? gap : 0, list: Math.max(1, left - charts) };
}

/** Rows of the table in a pane of that inner size: what is above it leaves them. */
export function costsListHeight(state: Pick<AppState, "costs">, inner: PaneSize): number {
  return partHeights(state, inner).list;
}

function rightOf(costs: Costs | null): Piece[] {
  if (costs === null || isNothingRented(costs)) return [];
  const { summary, budget, estimated } = costs;
  const pieces: Piece[] = [["text.muted", summary.month]];
  if (budget.state === "warn") pieces.push(["alert.warning", "near the budget"]);
  if (budget.state === "over") pieces.push(["alert.critical", " over the budget "]);
  pieces.push(["money", usd(summary.totalUsd, { estimate: estimated && summary.totalUsd !== null })]);
  return pieces;
}

function stateLines({ costs, link, view }: AppState, look: Look): NoticeLine[] {
  if (costs.costs !== null) {
    return [
      ["text.strong", "Nothing is rented."],
      ["text.muted", "Set lab.costPerHourUsd in the config to count what this machine costs."],
      "",
      [
        "text.muted",
        "Rented pods show here with what they cost by hour, day, experiment and queue, and what of it was for nothing.",
      ],
    ];
  }
  if (costs.failure !== null) return failureLines("The costs could not be loaded.", costs.failure);
  const where = link.label === "" ? "the lab" : link.label;
  return [
    [
      ["notice.info", spinnerGlyph(view.spin, look)],
      ["text.muted", ` Asking ${where} what it has cost …`],
    ],
  ];
}
