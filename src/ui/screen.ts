import type { FooterEntry } from "../app/key-table.js";
import { timeColumns } from "../app/selectors/log-text.js";
import { paneIds, type ViewState } from "../app/slices/view.js";
import type { AppState } from "../app/store.js";
import { arrange, type Layout, type Rect } from "./layout.js";
import { innerSize } from "./paint/pane-frame.js";
import { costsListHeight } from "./panes/costs-pane.js";
import { footerRow } from "./panes/footer.js";
import { headerRow } from "./panes/header.js";
import { panes } from "./panes/index.js";
import { logTextWidth } from "./panes/log-pane.js";
import type { Look } from "./panes/pane.js";
import { podsListHeight } from "./panes/pods-pane.js";
import { queueListHeight } from "./panes/queue-pane.js";
import { stripRow } from "./panes/strip.js";
import { tinyRows } from "./panes/tiny.js";

/** Rows of the header: one, or the whole of a tiny screen. */
export function headerRows(state: AppState, layout: Layout, look: Look): readonly string[] {
  const { width, height } = layout.header;
  return layout.kind === "tiny" ? tinyRows(state, { width, height }, look) : [headerRow(state, width, look)];
}

/**
 * The whole screen without what lies over it, exactly `view.rows` rows of `view.columns` columns: what the first paint sends
 * before Ink is loaded, and what the golden frames hold.
 */
export function screenRows(state: AppState, entries: readonly FooterEntry[], look: Look): readonly string[] {
  const layout = arrange(state.view);
  const parts: { readonly rect: Rect; readonly rows: readonly string[] }[] = [
    { rect: layout.header, rows: headerRows(state, layout, look) },
  ];
  for (const id of paneIds) {
    const rect = layout.panes[id];
    if (rect !== undefined) parts.push({ rect, rows: panes[id].rows(state, rect, look) });
  }
  if (layout.strip !== null)
    parts.push({ rect: layout.strip, rows: [stripRow(state, layout, layout.strip.width, look)] });
  if (layout.footer.height > 0) {
    parts.push({ rect: layout.footer, rows: [footerRow(state, entries, layout.footer.width, look)] });
  }
  // The layout tiles the screen: side by side in order of x the parts fill each row.
  parts.sort((a, b) => a.rect.x - b.rect.x);
  return Array.from({ length: Math.max(0, state.view.rows) }, (_, y) =>
    parts.map(({ rect, rows }) => (y >= rect.y && y < rect.y + rect.height ? (rows[y - rect.y] ?? "") : "")).join(""),
  );
}

/** What lists and text have to themselves in a layout, for `view/arranged`. */
export function paneBodies(
  state: Pick<AppState, "experiments" | "log" | "pods" | "costs">,
  layout: Layout,
): ViewState["bodies"] {
  const bodies: { -readonly [Id in keyof ViewState["bodies"]]: ViewState["bodies"][Id] } = {};
  for (const id of paneIds) {
    const rect = layout.panes[id];
    if (rect !== undefined) bodies[id] = innerSize(rect);
  }
  const { queue, log, pods, costs } = bodies;
  if (queue !== undefined) bodies.queue = { width: queue.width, height: queueListHeight(state, queue.height) };
  if (pods !== undefined) bodies.pods = { width: pods.width, height: podsListHeight(state, pods.height) };
  if (costs !== undefined) bodies.costs = { width: costs.width, height: costsListHeight(state, costs) };
  // `logTextSize` takes the full time column off again.
  if (log !== undefined) {
    bodies.log = {
      width: logTextWidth(state.log, log.width) + (state.log.showTime ? timeColumns : 0),
      height: log.height,
    };
  }
  return bodies;
}
