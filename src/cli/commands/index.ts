import type { Command } from "commander";
import type { Cli } from "../cli.js";
import { experimentsCommand } from "./experiments.js";
import { labCommand } from "./lab.js";
import { podsCommand } from "./pods.js";
import { statusCommand } from "./status.js";

/** Every one-shot command. */
export const commands: readonly ((cli: Cli) => Command)[] = [
  statusCommand,
  experimentsCommand,
  podsCommand,
  labCommand,
];
