import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { FailureError } from "../core/failure.js";

/** A line typed on the terminal, asked for on stderr so that stdout stays for scripts; null where there is no terminal. */
export async function askOnTerminal(question: string): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

const signalled = 128;

/** Gives the terminal to a program until it ends; answers its exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: "inherit" });
  // Ctrl-C on the terminal is the program's.
  const ignore = () => undefined;
  process.on("SIGINT", ignore);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return code ?? signalled;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const message = isMissing ? `there is no ${program} on this machine` : `${program} could not be started`;
    throw new FailureError({ kind: "local", message }, { cause: error });
  } finally {
    process.off("SIGINT", ignore);
  }
}
