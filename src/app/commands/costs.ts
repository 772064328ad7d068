import { defineCommand } from "../command.js";
import { costGroups } from "../slices/costs.js";

const group = defineCommand({
  id: "costs.group",
  title: "Next table",
  about: `Shows what the money went to by the next of: ${costGroups.join(", ")}.`,
  keys: ["v"],
  scope: "costs",
  footer: { order: 10, label: "by" },
  run({ state: { costs }, dispatch }) {
    const next = costGroups[(costGroups.indexOf(costs.group) + 1) % costGroups.length] ?? "pods";
    dispatch({ type: "costs/grouped", group: next });
  },
});

const budget = defineCommand({
  id: "costs.budget",
  title: "Budget",
  about: "Opens the lab's settings: budget, warning, hard limit, idle alert and auto-stop.",
  keys: ["b"],
  scope: "costs",
  changes: true,
  port: "settings.patch",
  footer: { order: 20, label: "budget" },
  async run({ dispatch, connection }) {
    dispatch({ type: "view/overlayOpened", overlay: { kind: "idlePolicy", id: null } });
    if (connection !== null) dispatch({ type: "settings/received", settings: await connection.settings.get() });
  },
});

export const costsCommands = [group, budget];
