import { spawn } from "node:child_process";

export interface CheckRun {
  readonly command: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a check command ended: the last line it wrote says why better than its code. */
export interface CheckEnd {
  readonly ok: boolean;
  readonly reason: string;
  /** null: it was killed. */
  readonly code: number | null;
  /** The last 4 KiB of what it wrote, on both ways. */
  readonly output: string;
}

const keptOutput = 4096;
const shownLine = 200;
const lastWordsMs = 200;

/** Runs `config.qc.check` in a group of its own, and ends the whole group when its time is over or it has ended. */
export function runCheck(check: CheckRun): Promise<CheckEnd> {
  return new Promise((resolve) => {
    const child = spawn("sh", ["-c", check.command], {
      cwd: check.cwd,
      env: check.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const keep = (data: Buffer) => {
      output = (output + data.toString("utf8")).slice(-keptOutput);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);

    const killGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // Nobody is left in it.
      }
    };
    let ended: string | null = null;
    const end = (reason: string) => {
      ended ??= reason;
      killGroup();
    };
    const timer = setTimeout(() => end(`no answer within ${Math.round(check.timeoutMs / 1000)} s`), check.timeoutMs);
    const abort = () => end("the lab stops");
    if (check.signal?.aborted === true) abort();
    check.signal?.addEventListener("abort", abort, { once: true });

    const done = (result: Omit<CheckEnd, "output">) => {
      clearTimeout(timer);
      check.signal?.removeEventListener("abort", abort);
      resolve({ ...result, output });
    };
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      child.stdout.destroy();
      child.stderr.destroy();
      const last = (output.trimEnd().split("\n").at(-1) ?? "").slice(0, shownLine);
      if (ended !== null) done({ ok: false, reason: ended, code });
      else if (code === 0) done({ ok: true, reason: last || "exit code 0", code });
      else done({ ok: false, reason: `${last || "no output"} (${signal ?? `exit code ${code ?? "unknown"}`})`, code });
    };
    child.once("error", (error) => done({ ok: false, reason: error.message, code: null }));
    child.once("exit", (code, signal) => {
      killGroup();
      // Its last words may still be in the pipes. A daemon that left the group may hold them for ever.
      const waited = setTimeout(() => finish(code, signal), lastWordsMs);
      child.once("close", () => {
        clearTimeout(waited);
        finish(code, signal);
      });
    });
  });
}
