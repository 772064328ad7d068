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
}

const keptOutput = 4096;

/** Runs `config.qc.check` in a group of its own, and ends the whole group when its time is over. */
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

    let ended: string | null = null;
    const end = (reason: string) => {
      ended ??= reason;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It ended by itself in this moment.
      }
    };
    const timer = setTimeout(() => end(`no answer within ${Math.round(check.timeoutMs / 1000)} s`), check.timeoutMs);
    const abort = () => end("the lab stops");
    check.signal?.addEventListener("abort", abort, { once: true });

    const done = (result: CheckEnd) => {
      clearTimeout(timer);
      check.signal?.removeEventListener("abort", abort);
      resolve(result);
    };
    child.once("error", (error) => done({ ok: false, reason: error.message }));
    // Not "close": a daemon that the command left behind may hold the pipes for ever.
    child.once("exit", (code, signal) => {
      child.stdout.destroy();
      child.stderr.destroy();
      const last = output.trimEnd().split("\n").at(-1) ?? "";
      if (ended !== null) done({ ok: false, reason: ended });
      else if (code === 0) done({ ok: true, reason: last || "exit code 0" });
      else done({ ok: false, reason: `${last || "no output"} (${signal ?? `exit code ${code ?? "unknown"}`})` });
    });
  });
}
