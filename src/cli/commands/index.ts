import type { Command } from "commander";
import type { Cli } from "../cli.js";
import { costsCommand } from "./costs.js";
import { experimentsCommand } from "./experiments.js";
import { keysCommand } from "./keys.js";
import { labCommand } from "./lab.js";
import { podsCommand } from "./pods.js";
import { settingsCommand } from "./settings.js";
import { statusCommand } from "./status.js";

/** Every one-shot command. */
export const commands: readonly ((cli: Cli) => Command)[] = [
  statusCommand,
  experimentsCommand,
  podsCommand,
  costsCommand,
  settingsCommand,
  keysCommand,
  labCommand,
];
