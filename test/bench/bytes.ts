import { existsSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { type Bench, median, type Row } from "./bench.js";
import { benchHome } from "./bench-lab.js";
import { openBenchTerminal } from "./bench-terminal.js";
import { allPanesChange, fullScreen, oneCellChanges, oneColouredCellChanges, type Step } from "./full-screen.js";
import { buildPlainInk, openPlainInk } from "./plain-ink-bundle.js";
import { cpuSeconds } from "./process-cost.js";
import { openRoomInProcess } from "./room-in-process.js";

const warmUps = 500;
const updates = 300;
const watchMs = 5_000;
const updatesPerSecond = 10;

interface Update {
  readonly bytes: number;
  readonly cpuMs: number;
}

/** In process: what one change costs in bytes, and in CPU with everything warm. */
async function measured(change: (step: number) => Step): Promise<Update> {
  const room = openRoomInProcess(fullScreen());
  await room.drawn();
  const sizes: number[] = [];
  let cpuMs = 0;
  for (let index = 0; index < warmUps + updates; index++) {
    const before = room.sent.bytes;
    // Made before, so that only the room's own work is counted.
    const { lines, events } = change(index);
    const cpu = process.cpuUsage();
    room.store.api.getState().log.buffer.append(lines);
    room.store.dispatchAll(events);
    await room.drawn();
    const used = process.cpuUsage(cpu);
    if (index < warmUps) continue;
    sizes.push(room.sent.bytes - before);
    cpuMs += (used.user + used.system) / 1000;
  }
  return { bytes: median(sizes) ?? Number.NaN, cpuMs: cpuMs / updates };
}

interface Watched {
  /** Per update. */
  readonly bytes: number;
  readonly cpuMs: number;
}

/** Another program in a pty: bytes and CPU per update over some seconds. */
async function watched(terminal: ReturnType<typeof openBenchTerminal>, perSecond: number): Promise<Watched> {
  const before = { bytes: terminal.bytes(), cpu: cpuSeconds(terminal.pid) };
  await wait(watchMs);
  const count = (watchMs / 1000) * perSecond;
  const result = {
    bytes: (terminal.bytes() - before.bytes) / count,
    cpuMs: ((cpuSeconds(terminal.pid) - before.cpu) * 1000) / count,
  };
  terminal.kill();
  return result;
}

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const cell = await measured(oneCellChanges);
  const coloured = await measured(oneColouredCellChanges);
  const all = await measured(allPanesChange);
  const home = benchHome(cleanup);
  const file = await buildPlainInk(home);
  const plain = async (happens: string) => {
    const terminal = openPlainInk(cleanup, file, { home, env: { PLAIN_INK: happens } });
    await terminal.until(/EXP-001/);
    await wait(1_000);
    return watched(terminal, updatesPerSecond);
  };
  const other = async (command: readonly [string, ...string[]], perSecond: number) => {
    if (!existsSync(command[0])) return { bytes: null, cpuMs: null };
    const terminal = openBenchTerminal({ command, home });
    cleanup.defer(() => terminal.kill());
    await wait(2_000);
    return watched(terminal, perSecond);
  };
  const plainCell = await plain("cell");
  const plainAll = await plain("all");
  const htop = await other(["/usr/bin/htop", "-d", "10"], 1);
  const btop = await other(["/usr/bin/btop"], 0.5);
  const inProcess = `in process, real panes at 200×50, ${updates} updates after ${warmUps}`;
  const beside = `beside it: plain Ink at ${updatesPerSecond} updates/s, htop per refresh of a second, btop per refresh of two`;
  return [
    {
      what: "one cell changes",
      ours: cell.bytes,
      unit: "B",
      limit: 16,
      sense: "most",
      peers: { "plain Ink": plainCell.bytes, htop: htop.bytes },
      note: `a digit of a title, in the terminal's own colour; ${inProcess}; ${beside}`,
    },
    {
      what: "one cell changes, in true colour",
      ours: coloured.bytes,
      unit: "B",
      limit: null,
      sense: "most",
      note: `the last digit of an ETA, in a tone of the theme: its 24-bit colour is 19 of the bytes; ${inProcess}`,
    },
    {
      what: "all panes change",
      ours: all.bytes,
      unit: "B",
      limit: 5500,
      sense: "most",
      peers: { "plain Ink": plainAll.bytes, htop: htop.bytes, btop: btop.bytes },
      note: `50 table cells, 3 log lines, 8 pods with sparklines, a point of the chain; ${inProcess}; ${beside}`,
    },
    {
      what: "all panes change, CPU",
      ours: all.cpuMs,
      unit: "ms",
      limit: 2,
      sense: "most",
      peers: { "plain Ink": plainAll.cpuMs, htop: htop.cpuMs, btop: btop.cpuMs },
      note: `user + system per update, the ring, reducers and painting included, no terminal behind; ${beside}`,
    },
  ];
}

export const bytes: Bench = { name: "bytes", run };
