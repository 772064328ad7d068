import { totals } from "../app/selectors/totals.js";
import type { AppState } from "../app/store.js";

/** The window's title: what a list of tabs should say of this room, the worst first. */
export function roomTitle(state: AppState): string {
  const open = state.alerts.open.filter((alert) => !alert.acknowledged).length;
  const { running, queued } = totals(state);
  const words = [
    ...(state.link.link.state === "lost" ? ["lost"] : []),
    ...(open > 0 ? [`${open} ${open === 1 ? "alert" : "alerts"}`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(queued > 0 ? [`${queued} queued`] : []),
  ];
  return words.length === 0 ? "hubify-tui" : `${words.join(" · ")} · hubify-tui`;
}
