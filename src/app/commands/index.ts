import type { Command } from "../command.js";
import { appCommands } from "./app.js";
import { experimentCommands } from "./experiments.js";
import { linkCommands } from "./link.js";
import { listCommands } from "./list.js";
import { logCommands } from "./log.js";
import { podsCommands } from "./pods.js";
import { queueCommands } from "./queue.js";

/** Every command. Keymap, footer, help, palette and the README's table are made from this list. */
export const commands: readonly Command[] = [
  ...queueCommands,
  ...experimentCommands,
  ...logCommands,
  ...podsCommands,
  ...listCommands,
  ...appCommands,
  ...linkCommands,
];
