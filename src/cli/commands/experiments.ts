import { Command } from "commander";
import type { Cli } from "../cli.js";
import { addChangeCommands } from "./experiments/change.js";
import { addHistoryCommands } from "./experiments/history.js";
import { experimentLogsCommand } from "./experiments/logs.js";
import { experimentMetricsCommand } from "./experiments/metrics.js";
import { experimentOutputsCommand } from "./experiments/outputs.js";
import { addQcCommand } from "./experiments/qc.js";
import { addShowCommands } from "./experiments/show.js";

/** `experiments …`: the queue for scripts. */
export function experimentsCommand(cli: Cli): Command {
  const experiments = new Command("experiments").alias("experiment").description("the experiment queue, for scripts");
  addShowCommands(experiments, cli);
  addChangeCommands(experiments, cli);
  experiments.addCommand(experimentLogsCommand(cli));
  experiments.addCommand(experimentMetricsCommand(cli));
  experiments.addCommand(experimentOutputsCommand(cli));
  addHistoryCommands(experiments, cli);
  addQcCommand(experiments, cli);
  return experiments;
}
