import type { PaneId } from "../../app/slices/view.js";
import { chainPane } from "./chain-pane.js";
import { costsPane } from "./costs-pane.js";
import { logPane } from "./log-pane.js";
import type { Pane } from "./pane.js";
import { podsPane } from "./pods-pane.js";
import { queuePane } from "./queue-pane.js";

export const panes: Readonly<Record<PaneId, Pane>> = {
  queue: queuePane,
  log: logPane,
  pods: podsPane,
  chain: chainPane,
  costs: costsPane,
};
