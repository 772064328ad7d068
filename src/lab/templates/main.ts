import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { programs } from "./index.js";
import type { Bench, Program } from "./program.js";

/** Entry of the templates' own process: `node templates.js mcmc [--config config.json]`, outputs into the working directory. */

const usage = `usage: templates <${programs.map(({ template }) => template.name).join("|")}> [--config config.json]`;

/** What a shell expects of a process that a signal ended: 128 + its number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
const brokenPipeExitCode = 141;
const unusableExitCode = 2;

/** What was asked for makes no sense; the message says how it would. */
class Unusable extends Error {}

process.exitCode = await main();

async function main(): Promise<number> {
  const stop = listenForStop();
  const startedAt = Date.now();
  try {
    const { program, config } = wanted();
    const exitCode = await program.run(config, processBench(stop.signal));
    if (!stop.signal.aborted) return exitCode;
    const signal = stop.signal.reason as keyof typeof exitCodes;
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    process.stdout.write(
      `[${program.template.name}] *WARNING* Stopped by ${signal} after ${seconds} s; what was done is on disk.\n`,
    );
    return exitCodes[signal];
  } catch (error) {
    if (isSystemError(error)) return complain(`cannot write the results: ${error.message}`, 1);
    if (error instanceof z.ZodError) return complain(`config: ${z.prettifyError(error)}`, unusableExitCode);
    if (error instanceof Unusable) return complain(`${error.message}\n${usage}`, unusableExitCode);
    throw error;
  }
}

function complain(reason: string, exitCode: number): number {
  process.stderr.write(`ERROR: ${reason}\n`);
  return exitCode;
}

/** Disk full, directory gone, no permission: what files answer with. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

/** Aborts with the signal's name. Signals are listened to before anything else, so that none is missed. */
function listenForStop(): AbortController {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort(signal));
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read the output has gone: end like any filter in a pipe, without a stack trace.
    if (error.code === "EPIPE") process.exit(brokenPipeExitCode);
    throw error;
  });
  return stop;
}

function wanted(): { program: Program; config: unknown } {
  const { values, positionals } = arguments_();
  const program = programs.find(({ template }) => template.name === positionals[0]);
  if (program === undefined || positionals.length > 1)
    throw new Unusable(`no template is called ${positionals.join(" ") || "nothing"}`);
  const file = values.config ?? process.env["HUBIFY_CONFIG"];
  return { program, config: file === undefined ? {} : readConfig(file) };
}

function arguments_() {
  try {
    return parseArgs({ allowPositionals: true, options: { config: { type: "string" } } });
  } catch (error) {
    throw new Unusable(error instanceof Error ? error.message : String(error));
  }
}

function readConfig(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Unusable(`config ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The real bench: standard output, the working directory and the clock of the machine. */
function processBench(stop: AbortSignal): Bench {
  return {
    // Pipes, files and terminals are written synchronously on POSIX: a line is out before the next one is computed.
    print: (line) => void process.stdout.write(`${line}\n`),
    write: (text) => void process.stdout.write(text),
    saveFile,
    appendFile: (name, text) => appendFileSync(name, text),
    readFile: (name) => readFileSync(name, "utf8"),
    env: (name) => process.env[name],
    now: () => Date.now(),
    sleep: (ms) => sleepUnless(stop, ms),
    isStopping: () => stop.aborted,
  };
}

function saveFile(name: string, text: string): void {
  mkdirSync(dirname(name), { recursive: true });
  const half = `${name}.part`;
  writeFileSync(half, text);
  renameSync(half, name);
}

function sleepUnless(stop: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, stop.aborted ? 0 : ms);
    stop.addEventListener("abort", wake);
  });
}
