import { spawn } from "node:child_process";
import { once } from "node:events";
import { bundle } from "./bench-terminal.js";

export interface ForegroundLab {
  readonly url: string;
  /** From exec to the answer of /v1/health. */
  readonly firstAnswerMs: number;
  stop(): Promise<void>;
}

/** Starts a lab that writes to us, on this data directory; it ends with the benchmark at the latest. */
export async function startForegroundLab(
  cleanup: AsyncDisposableStack,
  home: string,
  dataDir: string,
): Promise<ForegroundLab> {
  const startedAt = performance.now();
  const lab = spawn(process.execPath, [bundle, "--data", dataDir, "lab", "start", "--foreground"], {
    env: { PATH: process.env["PATH"] ?? "", HOME: home, HUBIFY_TUI_HOME: home, TZ: "UTC", LANG: "C.UTF-8" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(lab, "exit");
  cleanup.defer(() => void lab.kill("SIGKILL"));
  const url = await new Promise<string>((resolve, reject) => {
    lab.stdout.on("data", (data: Buffer) => {
      const found = /http:\/\/[\w.:]+/.exec(data.toString())?.[0];
      if (found !== undefined) resolve(found);
    });
    lab.on("exit", () => reject(new Error("the lab ended at once")));
  });
  await (await fetch(`${url}/v1/health`)).json();
  return {
    url,
    firstAnswerMs: performance.now() - startedAt,
    async stop() {
      lab.kill("SIGTERM");
      await exited;
    },
  };
}
