import { execFile } from "node:child_process";

export interface Question {
  readonly cwd?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs?: number | undefined;
}

const maxBytes = 4 * 1024 * 1024;
const defaultTimeoutMs = 10_000;

/** What a program says on stdout; null when it is not there, fails, or takes too long. Never rejects. */
export function askProgram(program: string, args: readonly string[], question: Question): Promise<string | null> {
  const { cwd, env, timeoutMs = defaultTimeoutMs } = question;
  const options = { cwd, env, timeout: timeoutMs, killSignal: "SIGKILL", maxBuffer: maxBytes } as const;
  return new Promise((resolve) => {
    const child = execFile(program, args, options, (error, stdout) => resolve(error === null ? stdout : null));
    child.stdin?.end();
    // Nobody's shutdown waits for what a record would be nice to hold.
    child.unref();
  });
}
