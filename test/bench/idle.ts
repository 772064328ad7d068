import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./bench.js";
import { benchHome, seedExperiments, startBenchLab } from "./bench-lab.js";
import { openBenchRoom } from "./bench-terminal.js";
import { cpuSeconds } from "./process-cost.js";

const watchMs = 20_000;
/** What the start leaves behind: late imports, first frames, garbage collected after 4 s and by V8 once more 8 s later. */
const settleMs = 16_000;
const daySeconds = 86_400;

interface Idle {
  readonly bytesPerSecond: number;
  readonly roomPercent: number;
  readonly labPercent: number;
}

/** A room on a lab where nothing happens. */
async function watchIdle(cleanup: AsyncDisposableStack, labConfig?: Readonly<Record<string, unknown>>): Promise<Idle> {
  const home = benchHome(cleanup, labConfig);
  await seedExperiments(home, 200);
  const lab = await startBenchLab(cleanup, home);
  const room = openBenchRoom(cleanup, { home });
  await room.until(/● live/);
  await room.until(/EXP-200/);
  await wait(settleMs);
  const before = { bytes: room.bytes(), room: cpuSeconds(room.pid), lab: cpuSeconds(lab.pid), at: performance.now() };
  await wait(watchMs);
  const seconds = (performance.now() - before.at) / 1000;
  return {
    bytesPerSecond: (room.bytes() - before.bytes) / seconds,
    roomPercent: ((cpuSeconds(room.pid) - before.room) / seconds) * 100,
    labPercent: ((cpuSeconds(lab.pid) - before.lab) / seconds) * 100,
  };
}

interface Bound {
  readonly limit?: number | null;
  readonly note: string;
}

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  // Both at once: idle processes are not in each other's way.
  const [still, live] = await Promise.all([watchIdle(cleanup, { telemetrySeconds: daySeconds }), watchIdle(cleanup)]);
  const how = `${watchMs / 1000} s, room and lab attached, from ${settleMs / 1000} s after the room was live`;
  const withTelemetry = `${how}; the lab measures this machine every 5 s and the room shows it, so something does change`;
  const row = (what: string, ours: number, unit: string, { limit = null, note }: Bound): Row => ({
    what,
    ours,
    unit,
    limit,
    sense: "most",
    note,
  });
  const quiet = `${how}, telemetry off`;
  const aMinute = "scaled to a minute; the limit is the 16 B/s that clock ticks may cost";
  return [
    row("nothing changes, bytes", still.bytesPerSecond * 60, "B", { limit: 16 * 60, note: `${quiet}, ${aMinute}` }),
    row("nothing changes, CPU of the room", still.roomPercent, "%", { limit: 0.05, note: quiet }),
    row("nothing changes, CPU of the lab", still.labPercent, "%", { limit: 0.05, note: quiet }),
    row("idle with telemetry, bytes", live.bytesPerSecond * 60, "B", { note: `${withTelemetry}; scaled to a minute` }),
    row("idle with telemetry, CPU of the room", live.roomPercent, "%", { note: withTelemetry }),
    row("idle with telemetry, CPU of the lab", live.labPercent, "%", { note: withTelemetry }),
  ];
}

export const idle: Bench = { name: "idle", run };
