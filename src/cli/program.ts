import { Command } from "commander";
import { nearest } from "../core/nearest.js";
import type { Cli } from "./cli.js";
import { commands } from "./commands/index.js";
import { exitCodes, exitCodesText } from "./exit-code.js";

/** Options of the control room, before any command. */
export interface RoomOptions {
  readonly sample?: boolean;
  readonly theme?: string;
  readonly readonly?: boolean;
  readonly charts?: "braille" | "block" | "ascii";
  readonly data?: string;
}

/**
 * The command line. Without a command it opens the control room. Usage errors exit with 2 and name the nearest word; what
 * commander writes goes through `cli`.
 */
export function buildProgram(cli: Cli, openRoom: (options: RoomOptions) => Promise<void>): Command {
  const program = new Command("hubify-tui")
    .description("The control room for GPU research labs. Without a command it opens on this terminal.")
    .version(cli.version, "-V, --version")
    .option("--sample", "queue the three samples in a lab that never had an experiment")
    .option("--theme <name>", "dark, light, high-contrast, sixteen; default follows the terminal's background")
    .option("--readonly", "offer nothing that changes anything")
    .option("--charts <alphabet>", "braille, block or ascii")
    .option("--data <dir>", "data directory of the lab on this machine")
    .addHelpText("after", `\n${exitCodesText}`)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeOut: (text) => cli.out(text.trimEnd()), writeErr: (text) => cli.err(text.trimEnd()) })
    // A word that is no command comes here as an argument; commander would only count it.
    .allowExcessArguments(true)
    .action((options: RoomOptions, command: Command) => {
      const [word] = command.args;
      if (word === undefined) return openRoom(options);
      const near = nearest(
        word,
        program.commands.flatMap((child) => [child.name(), ...child.aliases()]),
      );
      command.error(`error: unknown command '${word}'${near === undefined ? "" : `\n(Did you mean ${near}?)`}`);
    });
  for (const command of commands) program.addCommand(inherit(command(cli), program));
  return program;
}

/** addCommand copies no settings: subcommands must leave the process to us as well. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent).allowExcessArguments(false);
  for (const child of command.commands) inherit(child, command);
  return command;
}

/** commander's own exits: help and version are fine, everything else is a usage error. */
export function exitCodeOfCommander(error: { code: string; exitCode: number }): number {
  return error.exitCode === 0 || error.code === "commander.help" ? exitCodes.ok : exitCodes.usage;
}
