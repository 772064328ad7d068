import type { Command } from "../command.js";
import { appCommands } from "./app.js";
import { batchCommands } from "./batches.js";
import { costsCommands } from "./costs.js";
import { experimentRunCommands } from "./experiment-runs.js";
import { experimentCommands } from "./experiments.js";
import { linkCommands } from "./link.js";
import { listCommands } from "./list.js";
import { logCommands } from "./log.js";
import { outputCommands } from "./outputs.js";
import { podDiscardCommands } from "./pod-discard.js";
import { podPowerCommands } from "./pod-power.js";
import { podWorkCommands } from "./pod-work.js";
import { podsCommands } from "./pods.js";
import { queueCommands } from "./queue.js";
import { queuesCommands } from "./queues.js";

/** Every command. Keymap, footer, help, palette and the README's table are made from this list. */
export const commands: readonly Command[] = [
  ...queueCommands,
  ...experimentCommands,
  ...experimentRunCommands,
  ...batchCommands,
  ...logCommands,
  ...podsCommands,
  ...podPowerCommands,
  ...podDiscardCommands,
  ...podWorkCommands,
  ...costsCommands,
  ...outputCommands,
  ...queuesCommands,
  ...listCommands,
  ...appCommands,
  ...linkCommands,
];
