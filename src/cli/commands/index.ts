import type { Command } from "commander";
import type { Cli } from "../cli.js";
import { activityCommand } from "./activity.js";
import { backupsCommand } from "./backups.js";
import { batchesCommand } from "./batches.js";
import { costsCommand } from "./costs.js";
import { experimentsCommand } from "./experiments.js";
import { figuresCommand } from "./figures.js";
import { filesCommand } from "./files.js";
import { keysCommand } from "./keys.js";
import { labCommand } from "./lab.js";
import { labsCommand } from "./labs.js";
import { agentsCommand, papersCommand, projectsCommand, tasksCommand } from "./nouns.js";
import { podsCommand } from "./pods.js";
import { queuesCommand } from "./queues.js";
import { searchCommand } from "./search.js";
import { settingsCommand } from "./settings.js";
import { statusCommand } from "./status.js";
import { templatesCommand } from "./templates.js";
import { webhooksCommand } from "./webhooks.js";

/** Every one-shot command, in the order of `--help`. */
export const commands: readonly ((cli: Cli) => Command)[] = [
  statusCommand,
  experimentsCommand,
  queuesCommand,
  batchesCommand,
  templatesCommand,
  activityCommand,
  searchCommand,
  podsCommand,
  costsCommand,
  settingsCommand,
  projectsCommand,
  tasksCommand,
  agentsCommand,
  papersCommand,
  figuresCommand,
  filesCommand,
  webhooksCommand,
  keysCommand,
  labsCommand,
  backupsCommand,
  labCommand,
];
