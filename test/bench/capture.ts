import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./bench.js";
import { benchHome, startBenchLab } from "./bench-lab.js";
import { linesCommand } from "./print-lines-command.js";
import { cpuSeconds, waitUntil } from "./process-cost.js";

const linesPerSecond = 100_000;
const lines = 900_000;
const warmUpMs = 1_500;
const watchMs = 5_500;

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const home = benchHome(cleanup);
  const lab = await startBenchLab(cleanup, home);
  const { _id: id } = await lab.launch("100,000 lines a second", linesCommand({ lines, linesPerSecond }));
  const look = async () => ({
    cpu: cpuSeconds(lab.pid),
    at: performance.now(),
    lines: (await lab.experiment(id)).logLines,
  });
  await wait(warmUpMs);
  const before = await look();
  await wait(watchMs);
  const after = await look();
  const seconds = (after.at - before.at) / 1000;
  const perSecond = Math.round((after.lines - before.lines) / seconds);
  await waitUntil(async () => (await lab.experiment(id)).endedAt !== null, 30_000, "the run ends");
  const { logLines } = await lab.experiment(id);
  return [
    {
      what: "lab: capture of 100,000 lines/s",
      ours: (after.cpu - before.cpu) / seconds,
      unit: "cores",
      limit: 0.15,
      sense: "most",
      note: `user + system of the lab over ${seconds.toFixed(1)} s; one real run, 97 B a line, ${perSecond.toLocaleString("en-US")} lines/s indexed, nobody watching`,
    },
    {
      what: "lab: lines lost",
      ours: lines - logLines,
      unit: "lines",
      limit: 0,
      sense: "most",
      note: `${lines.toLocaleString("en-US")} printed, ${logLines.toLocaleString("en-US")} indexed when the run had ended`,
    },
  ];
}

export const capture: Bench = { name: "capture", run };
