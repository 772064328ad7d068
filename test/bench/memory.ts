import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./bench.js";
import { benchHome, startBenchLab } from "./bench-lab.js";
import { openBenchRoom } from "./bench-terminal.js";
import { linesCommand } from "./print-lines-command.js";
import { residentMb } from "./process-cost.js";

const lines = 1_000_000;
/** With 18 bytes of bookkeeping each, a million of them stay below the ring's 64 MiB. */
const lineBytes = 45;
const linesPerSecond = 50_000;
const settleMs = 5_000;
const limitMs = 90_000;

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const home = benchHome(cleanup);
  const lab = await startBenchLab(cleanup, home);
  const room = openBenchRoom(cleanup, { home });
  await room.until(/● live/);
  await wait(settleMs);
  const emptyMb = residentMb(room.pid);

  const startedAt = performance.now();
  await lab.launch("a million lines", linesCommand({ lines, linesPerSecond, bytes: lineBytes }));
  await room.until(/1,000,000 lines/, limitMs);
  const loadedSeconds = (performance.now() - startedAt) / 1000;
  await wait(settleMs);
  const fullMb = residentMb(room.pid);
  const how = "RSS of the room in its pty, attached";
  return [
    {
      what: "memory, empty lab",
      ours: emptyMb,
      unit: "MB",
      limit: 110,
      sense: "most",
      note: `${how}, ${settleMs / 1000} s after it is live`,
    },
    {
      what: "memory, 1,000,000 log lines held",
      ours: fullMb,
      unit: "MB",
      limit: 220,
      sense: "most",
      note: `${how}, following a real run that printed them, ${lineBytes} B each (the ring holds 64 MiB); all there after ${loadedSeconds.toFixed(0)} s; RSS ${settleMs / 1000} s later`,
    },
  ];
}

export const memory: Bench = { name: "memory", run };
