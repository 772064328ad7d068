import { Command } from "commander";
import type { Cli } from "../cli.js";
import { addCreateCommand } from "./pods/create.js";
import { addLogCommand } from "./pods/log.js";
import { addPowerCommands } from "./pods/power.js";
import { addShowCommands } from "./pods/show.js";
import { addSshCommand } from "./pods/ssh.js";

/** `pods list|get|stock|create|start|stop|restart|terminate|logs|ssh`: the fleet for scripts. */
export function podsCommand(cli: Cli): Command {
  const pods = new Command("pods").alias("pod").description("the pods: what they do, what they cost, and renting them");
  addShowCommands(pods, cli);
  addCreateCommand(pods, cli);
  addPowerCommands(pods, cli);
  addLogCommand(pods, cli);
  addSshCommand(pods, cli);
  return pods;
}
