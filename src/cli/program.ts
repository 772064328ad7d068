import { Command, Option } from "commander";
import { nearest } from "../core/nearest.js";
import type { Cli } from "./cli.js";
import { commands } from "./commands/index.js";
import { exitCodes, exitCodesText } from "./exit-code.js";
import { type RoomOptions, roomOptions } from "./room-options.js";

/**
 * The command line. Without a command it opens the control room. Usage errors exit with 2 and name the nearest word; what
 * commander writes goes through `cli`.
 */
export function buildProgram(cli: Cli, openRoom: (options: RoomOptions) => Promise<void>): Command {
  const program = new Command("hubify-tui")
    .description("The control room for GPU research labs. Without a command it opens on this terminal.")
    .version(cli.version, "-V, --version")
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
  for (const [name, { value, about, choices }] of Object.entries(roomOptions)) {
    const option = new Option(value === undefined ? `--${name}` : `--${name} <${value}>`, about);
    program.addOption(choices === undefined ? option : option.choices(choices));
  }
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
