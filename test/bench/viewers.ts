import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./bench.js";
import { benchHome, startBenchLab } from "./bench-lab.js";
import { runChildProgram } from "./child-program.js";
import { linesCommand } from "./print-lines-command.js";
import { cpuPercent } from "./process-cost.js";

const viewers = 50;
const linesPerSecond = 1_000;
const lines = 60_000;
const warmUpMs = 2_000;
const watchMs = 6_000;
const durationMs = warmUpMs + watchMs + 500;

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const home = benchHome(cleanup);
  const lab = await startBenchLab(cleanup, home);
  const { _id: experimentId } = await lab.launch("1,000 lines a second", linesCommand({ lines, linesPerSecond }));
  await wait(1_000);
  const alone = await cpuPercent(lab.pid, 3_000);
  const job = { url: lab.url, token: lab.token, experimentId, viewers, durationMs };
  const load = runChildProgram(cleanup, new URL("viewers-load.ts", import.meta.url), job);
  await wait(warmUpMs);
  const watched = await cpuPercent(lab.pid, watchMs);
  const counts = (await load) as readonly { messages: number; bytes: number }[];
  const messages = counts.map((count) => count.messages);
  if (Math.min(...messages) < 5) throw new Error("a viewer was sent nothing");
  const each = ((messages.reduce((sum, count) => sum + count, 0) / viewers) * 1000) / durationMs;
  const megabytes = (counts.reduce((sum, count) => sum + count.bytes, 0) / durationMs) * 1e-3;
  return [
    {
      what: "lab: 50 live viewers of one log at 1,000 lines/s",
      ours: watched,
      unit: "%",
      limit: 10,
      sense: "most",
      peers: { "ours without viewers": alone },
      note: `CPU of the lab over ${watchMs / 1000} s; Convex subscriptions to the last 100 lines from another process; ${each.toFixed(1)} updates/s each, ${megabytes.toFixed(1)} MB/s in all`,
    },
  ];
}

export const viewersOfALog: Bench = { name: "viewers", run };
