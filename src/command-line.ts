import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import type { Cli, LabStartOptions } from "./cli/cli.js";
import { loadReport, reportText } from "./cli/commands/status.js";
import { exitCodes } from "./cli/exit-code.js";
import { buildProgram, exitCodeOfCommander } from "./cli/program.js";
import type { RoomOptions } from "./cli/room-options.js";
import { defaultLabDir, type Paths } from "./config/paths.js";
import { connectTo, labControl } from "./lab-control.js";

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
    const { lab: settings } = await loadConfig(join(paths.configDir, "config.json"));
    await runLab({
      ...options,
      dataDir: dataDir(),
      version,
      settings,
      templatesEntry: fileURLToPath(new URL("templates.js", import.meta.url)),
      onReady: ({ url, pid }) => out(`lab ${version} at ${url}, pid ${pid}`),
    });
  };
  const cli: Cli = {
    version,
    out,
    err: (text) => void process.stderr.write(`${text}\n`),
    connect: () => connectTo(dataDir()),
    dataDir,
    lab: labControl(dataDir, runLabHere),
    nowMs: Date.now,
    interrupted: interrupted.signal,
  };
  // A room is opened by main.ts; here is no terminal for one.
  const program = buildProgram(cli, async () => out(reportText(await loadReport(cli), Date.now())));

  // The room and the lab listen for their own signals; one-shot commands end at the first Ctrl-C.
  process.once("SIGINT", () => interrupted.abort());
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
