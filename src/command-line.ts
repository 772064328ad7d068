import { getEventListeners } from "node:events";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import type { Cli, LabStartOptions } from "./cli/cli.js";
import { loadReport, reportText } from "./cli/commands/status.js";
import { exitCodes } from "./cli/exit-code.js";
import { buildProgram, exitCodeOfCommander } from "./cli/program.js";
import type { RoomOptions } from "./cli/room-options.js";
import { askOnTerminal, runProgram } from "./cli/terminal.js";
import { defaultLabDir, type Paths, sshFilesOf } from "./config/paths.js";
import { FailureError } from "./core/failure.js";
import { connectTo, connectToRunpod, labControl, openApi, wantsRunpod } from "./lab-control.js";

export interface CommandLineParts {
  readonly paths: Paths;
  readonly version: string;
}

/**
 * Runs what the arguments say: a one-shot command, the lab in the foreground or, without a terminal, the report. Answers the
 * exit code; rejects with FailureError.
 */
export async function runCommandLine({ paths, version }: CommandLineParts): Promise<number> {
  const interrupted = new AbortController();
  const out = (text: string) => void process.stdout.write(`${text}\n`);
  const dataDir = () => {
    const { data } = program.opts<RoomOptions>();
    return data === undefined ? defaultLabDir(paths) : resolve(data);
  };
  const runLabHere = async (options: LabStartOptions) => {
    const [{ runLab }, { loadConfig }] = await Promise.all([
      import("./lab/main.js"),
      import("./config/load-config.js"),
    ]);
    const isStartedByUs = process.send !== undefined;
    await runLab({
      ...options,
      dataDir: dataDir(),
      version,
      settings: async () => (await loadConfig(join(paths.configDir, "config.json"))).lab,
      templatesEntry: fileURLToPath(new URL("templates.js", import.meta.url)),
      // In the background its output is its log, which says so anyway.
      ...(isStartedByUs ? {} : { onReady: ({ url, pid }) => out(`lab ${version} at ${url}, pid ${pid}`) }),
    });
  };
  const cli: Cli = {
    version,
    out,
    err: (text) => void process.stderr.write(`${text}\n`),
    connect: async ({ allLabs = false } = {}) =>
      (await wantsRunpod(program.opts<RoomOptions>(), paths.configDir))
        ? connectToRunpod(paths.configDir)
        : connectTo(dataDir(), { isLive: false, lab: program.opts<RoomOptions>().lab, alone: !allLabs }),
    api: async ({ allLabs = false } = {}) => {
      const { lab, ...options } = program.opts<RoomOptions>();
      if (!(await wantsRunpod(options, paths.configDir))) return openApi(dataDir(), { ref: lab, alone: !allLabs });
      const hint = "leave --runpod out, or name the lab's data with --data";
      throw new FailureError({ kind: "invalid", message: "a RunPod account alone has no lab to ask", hint });
    },
    ask: askOnTerminal,
    run: runProgram,
    sshFiles: () => sshFilesOf(dataDir()),
    dataDir,
    lab: labControl(dataDir, runLabHere),
    nowMs: Date.now,
    interrupted: interrupted.signal,
  };
  // A room is opened by main.ts; here is no terminal for one.
  const program = buildProgram(cli, async () => out(reportText(await loadReport(cli), Date.now())));

  // The lab listens for its own signals, `-f` ends well; any other command is over at the first Ctrl-C.
  process.once("SIGINT", () => {
    const isHeeded = process.listenerCount("SIGINT") > 0 || getEventListeners(interrupted.signal, "abort").length > 0;
    interrupted.abort();
    if (!isHeeded) process.exit(exitCodes.interrupted);
  });
  // Whoever read our output has enough (`| head`): nothing failed.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(exitCodes.ok);
  });
  try {
    await program.parseAsync(process.argv);
    return typeof process.exitCode === "number" ? process.exitCode : exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOfCommander(error);
    throw error;
  }
}
