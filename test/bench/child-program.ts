import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

const imports = new URL("../../bin/typescript-imports.js", import.meta.url).pathname;

/**
 * Runs a program of this folder in a process of its own, so that what makes load does not share a thread with what measures it.
 * The job goes in and the result comes out as JSON; a token in it is in no command line.
 */
export async function runChildProgram(cleanup: AsyncDisposableStack, program: URL, job: unknown): Promise<unknown> {
  const child = spawn(process.execPath, ["--import", imports, program.pathname], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  cleanup.defer(() => void child.kill("SIGKILL"));
  child.stdin.end(JSON.stringify(job));
  const [out] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (child.exitCode !== 0)
    throw new Error(`${program.pathname} ended with ${String(child.exitCode ?? child.signalCode)}`);
  return JSON.parse(out);
}
