import { existsSync } from "node:fs";
import { type Bench, median, type Row } from "./bench.js";
import { benchHome, seedExperiments, startBenchLab } from "./bench-lab.js";
import { bundle, leaveRoom, openBenchRoom, openBenchTerminal } from "./bench-terminal.js";
import { buildPlainInk } from "./plain-ink-bundle.js";

const rounds = 15;
/** Beyond Node's own start. */
const allowanceMs = 25;

/** What counts as a useful frame of a program: bytes that contain this, or that many bytes; null: its end. */
type Sign = string | number | null;

interface Contestant {
  readonly name: string;
  readonly command: readonly [string, ...string[]] | null;
  readonly sign: Sign;
}

const installed = (file: string): readonly [string] | null => (existsSync(file) ? [file] : null);

async function frameMs({ command, sign }: Contestant, home: string): Promise<number> {
  if (command === null) throw new Error("not installed");
  const terminal = openBenchTerminal({ command, home });
  try {
    if (sign === null) {
      await terminal.exited;
      return performance.now() - terminal.startedAt;
    }
    const at = typeof sign === "number" ? terminal.arrivalOf(sign) : terminal.arrival(sign);
    return (await at) - terminal.startedAt;
  } finally {
    terminal.kill();
    await terminal.exited;
  }
}

/** Exec to the first bytes with pane content, the contestants in turns so that the machine's moods hit all alike. */
async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const home = benchHome(cleanup);
  await seedExperiments(home, 200);
  const lab = await startBenchLab(cleanup, home);
  await lab.launch("prints 500 lines", "seq -f 'line %g of the log' 500");
  const room = openBenchRoom(cleanup, { home });
  await room.until(/● live/);
  await room.until(/line 500 of the log/);
  await leaveRoom(room);

  const contestants: readonly Contestant[] = [
    { name: "ours", command: [process.execPath, bundle], sign: "EXP-2" },
    { name: "node -e 0", command: [process.execPath, "-e", "0"], sign: null },
    { name: "htop", command: installed("/usr/bin/htop"), sign: 2000 },
    { name: "btop", command: installed("/usr/bin/btop"), sign: 8000 },
    { name: "plain Ink", command: [process.execPath, await buildPlainInk(home)], sign: "EXP-001" },
  ];
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contestant of contestants) {
      if (contestant.command !== null) times.get(contestant.name)?.push(await frameMs(contestant, home));
    }
  }
  const { ours = null, ...peers } = Object.fromEntries(
    Array.from(times, ([name, samples]) => [name, median(samples)] as const),
  );
  const node = peers["node -e 0"];
  const note = `exec to the first bytes of an experiment's row, last view on disk, lab running; median of ${rounds} in turns; the limit is node -e 0 (start to exit) + ${allowanceMs} ms; htop at its first 2 kB, btop at 8 kB`;
  return [
    {
      what: "first useful frame",
      ours,
      unit: "ms",
      limit: node === undefined || node === null ? null : node + allowanceMs,
      sense: "most",
      peers,
      note,
    },
  ];
}

export const firstFrame: Bench = { name: "first-frame", run };
