import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import type { Cli, LabStartOptions } from "./cli/cli.js";
import { exitCodeOf, exitCodes } from "./cli/exit-code.js";
import { buildProgram, exitCodeOfCommander, type RoomOptions } from "./cli/program.js";
import { defaultLabDir, resolvePaths } from "./config/paths.js";
import { FailureError, toFailure } from "./core/failure.js";
import { labCommandLine, labControl } from "./lab-control.js";

const version = HUBIFY_TUI_VERSION;
const interrupted = new AbortController();
const paths = resolvePaths(process.env, homedir());
const out = (text: string) => void process.stdout.write(`${text}\n`);
const err = (text: string) => void process.stderr.write(`${text}\n`);

const dataDir = () => {
  const { data } = program.opts<RoomOptions>();
  return data === undefined ? defaultLabDir(paths) : resolve(data);
};
const connect = async () => {
  const { connectLocal } = await import("./connections/local.js");
  return connectLocal({ dataDir: dataDir(), command: labCommandLine(dataDir()) });
};

const cli: Cli = {
  version,
  out,
  err,
  connect,
  dataDir,
  lab: labControl(dataDir, runLabHere),
  nowMs: Date.now,
  interrupted: interrupted.signal,
};
const program = buildProgram(cli, openRoomOrReport);

/** `hubify-tui` without a command: the room where there is a terminal, else the report. */
async function openRoomOrReport(options: RoomOptions): Promise<void> {
  if (process.stdin.isTTY && process.stdout.isTTY && process.env["TERM"] !== "dumb") {
    const { openRoom } = await import("./room/room.js");
    await openRoom({ options, paths, labDir: dataDir(), connect });
    // What may still be open (sockets, timers) belongs to a room that is gone.
    process.exit(exitCodes.ok);
  }
  const { loadReport, reportText } = await import("./cli/commands/status.js");
  out(reportText(await loadReport(cli), Date.now()));
}

async function runLabHere(options: LabStartOptions): Promise<void> {
  const [{ runLab }, { loadConfig }] = await Promise.all([import("./lab/main.js"), import("./config/config.js")]);
  await runLab({
    ...options,
    dataDir: dataDir(),
    version,
    settings: loadConfig(join(paths.configDir, "config.json")).lab,
    templatesEntry: fileURLToPath(new URL("templates.js", import.meta.url)),
    onReady: ({ url, pid }) => out(`lab ${version} at ${url}, pid ${pid}`),
  });
}

async function run(): Promise<number> {
  try {
    await program.parseAsync(process.argv);
    return typeof process.exitCode === "number" ? process.exitCode : exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOfCommander(error);
    if (!(error instanceof FailureError)) throw error;
    const { kind, message, hint } = toFailure(error);
    err(`hubify-tui: ${message}${hint === undefined ? "" : `\n  ${hint}`}`);
    return exitCodeOf(kind);
  }
}

// The room and the lab listen for their own signals; one-shot commands end at the first Ctrl-C.
process.once("SIGINT", () => interrupted.abort());
process.exitCode = await run();
