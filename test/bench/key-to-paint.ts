import { setTimeout as wait } from "node:timers/promises";
import { type Bench, percentile, type Row } from "./bench.js";
import { type BenchLab, benchHome, seedExperiments, startBenchLab } from "./bench-lab.js";
import { type BenchTerminal, openBenchRoom, screenSize } from "./bench-terminal.js";
import { buildPlainInk, openPlainInk } from "./plain-ink-bundle.js";
import { linesCommand } from "./print-lines-command.js";
import { cpuSeconds } from "./process-cost.js";
import type { SlowLine } from "./slow-line.js";

const linesPerSecond = 10_000;
const keys = 120;
const slowKeys = 40;
/** Each takes as long as its full buffer: seven seconds, the key that takes it back as well. */
const slowPlainKeys = 2;
/** Longer than the whole benchmark; the run is cancelled. */
const floodLines = 3_000_000;
const line: SlowLine = { bytesPerSecond: 40_000, roundTripMs: 50, bufferBytes: 256 * 1024 };

/** Another key press every 20 to 90 ms: the cursor never rests so long that the room opens another log. */
const gapMs = () => 20 + Math.random() * 70;

interface Typing {
  readonly terminal: BenchTerminal;
  /** What the bytes hold that answer a key: the cursor's glyph, and where a whole frame is sent each time its row too. */
  readonly needles: readonly [string, string];
  readonly pressed: readonly [string, string];
  readonly count: number;
}

/** Presses the two keys in turns; ms from the key to the bytes that answer it. */
async function typeKeys({ terminal, needles, pressed, count }: Typing): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const turn = index % 2 === 0 ? 0 : 1;
    await wait(gapMs());
    const answered = terminal.arrival(needles[turn]);
    const pressedAt = performance.now();
    terminal.type(pressed[turn]);
    times.push((await answered) - pressedAt);
  }
  return times;
}

/** Over the slow line: bookmarks the row under the cursor, and takes the bookmark away unmeasured. The cursor stays, and so does the log. */
async function typeBookmarks(terminal: BenchTerminal, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const answered = terminal.arrival("★", 30_000);
    const pressedAt = performance.now();
    terminal.type("b");
    times.push((await answered) - pressedAt);
    terminal.type("b");
    await terminal.until(/^[^★]*$/, 30_000);
    await wait(150 + gapMs());
  }
  return times;
}

interface Measured {
  readonly times: readonly number[];
  readonly cpuPercent: number;
  readonly bytesPerSecond: number;
}

async function whileTyping(terminal: BenchTerminal, type: () => Promise<number[]>): Promise<Measured> {
  const before = { cpu: cpuSeconds(terminal.pid), bytes: terminal.bytes(), at: performance.now() };
  const times = await type();
  const seconds = (performance.now() - before.at) / 1000;
  return {
    times,
    cpuPercent: ((cpuSeconds(terminal.pid) - before.cpu) / seconds) * 100,
    bytesPerSecond: (terminal.bytes() - before.bytes) / seconds,
  };
}

const jk = ["j", "k"] as const;
const moves = (terminal: BenchTerminal, needles: readonly [string, string]) =>
  whileTyping(terminal, () => typeKeys({ terminal, needles, pressed: jk, count: keys }));

async function ours(
  cleanup: AsyncDisposableStack,
): Promise<{ quiet: Measured; loud: Measured; slow: Measured; rate: number }> {
  const home = benchHome(cleanup);
  await seedExperiments(home, 100);
  const lab = await startBenchLab(cleanup, home);
  const room = openBenchRoom(cleanup, { home });
  await room.until(/● live/);
  await room.until(/EXP-100/);
  await settle();
  const cursor = ["▸", "▸"] as const;
  const quiet = await moves(room, cursor);
  room.kill();

  const { _id: id } = await lab.launch("10,000 lines a second", linesCommand({ linesPerSecond, lines: floodLines }));
  const loudRoom = openBenchRoom(cleanup, { home });
  await showFlood(loudRoom);
  const rateBefore = await linesNow(lab, id);
  const loud = await moves(loudRoom, cursor);
  const rateAfter = await linesNow(lab, id);
  loudRoom.kill();

  const slowRoom = openBenchRoom(cleanup, { home, line });
  await showFlood(slowRoom);
  const slow = await whileTyping(slowRoom, () => typeBookmarks(slowRoom, slowKeys));
  slowRoom.kill();
  return { quiet, loud, slow, rate: ((rateAfter.lines - rateBefore.lines) / (rateAfter.at - rateBefore.at)) * 1000 };
}

const linesNow = async (lab: BenchLab, id: string) => ({
  lines: (await lab.experiment(id)).logLines,
  at: performance.now(),
});

/** Puts the cursor on the running experiment and waits until its log is shown and moves. */
async function showFlood(room: BenchTerminal): Promise<void> {
  await room.until(/● live/);
  room.type("g");
  await room.until(/\d{9} sample of the posterior/);
  await settle();
}

/** Lets code that runs at every frame become warm, as it is after the first seconds of any session. */
const settle = () => wait(2_000);

async function plain(cleanup: AsyncDisposableStack): Promise<{ quiet: Measured; loud: Measured; slow: Measured }> {
  const home = benchHome(cleanup);
  const file = await buildPlainInk(home);
  const open = async (env: Readonly<Record<string, string>>, slowLine?: SlowLine) => {
    const options = { home, env, ...(slowLine === undefined ? {} : { line: slowLine }) };
    const terminal = openPlainInk(cleanup, file, options);
    await terminal.until(/EXP-001/);
    await settle();
    return terminal;
  };
  // Whole frames come with every log line: the row says which answer it is.
  const rows = ["▸  EXP-002", "▸  EXP-001"] as const;
  const flood = { PLAIN_INK: "lines", PLAIN_INK_LINES: linesCommand({ linesPerSecond, lines: floodLines }) };
  const quietTerminal = await open({});
  const quiet = await moves(quietTerminal, rows);
  quietTerminal.kill();
  const loudTerminal = await open(flood);
  const loud = await moves(loudTerminal, rows);
  loudTerminal.kill();
  const slowTerminal = await open(flood, line);
  // Until the buffer is full.
  await wait(5_000);
  const slow = await whileTyping(slowTerminal, () => typeBookmarks(slowTerminal, slowPlainKeys));
  slowTerminal.kill();
  return { quiet, loud, slow };
}

const plainName = "plain Ink";
const p = ({ times }: Measured, share: number) => percentile(times, share);
const cost = ({ cpuPercent, bytesPerSecond }: Measured) =>
  `${cpuPercent.toFixed(0)} % of a core, ${(bytesPerSecond / 1000).toFixed(1)} kB/s`;

async function run(cleanup: AsyncDisposableStack): Promise<readonly Row[]> {
  const mine = await ours(cleanup);
  const theirs = await plain(cleanup);
  const row = (what: string, limit: number | null, key: "quiet" | "loud" | "slow", share: number): Row => ({
    what: `key to paint, ${what}`,
    ours: p(mine[key], share),
    unit: "ms",
    limit,
    sense: "most",
    peers: { [plainName]: p(theirs[key], share) },
    note: notes[key],
  });
  const where = `${screenSize.columns}×${screenSize.rows} pty`;
  const notes = {
    quiet: `j and k in the queue, ${keys} keys 20–90 ms apart, ${where}; ours ${cost(mine.quiet)}, plain ${cost(theirs.quiet)}`,
    loud: `the same while a real experiment prints ${Math.round(mine.rate).toLocaleString("en-US")} lines/s of 97 B into the shown log; ours ${cost(mine.loud)}, plain ${cost(theirs.loud)}`,
    slow: `b (bookmark) on the row of that experiment, ${slowKeys} keys, modelled line; ${slowPlainKeys} keys for plain Ink; ours ${cost(mine.slow)}, plain ${cost(theirs.slow)}`,
  };
  return [
    row("quiet, p50", null, "quiet", 0.5),
    row("quiet, p99", null, "quiet", 0.99),
    row("10,000 log lines/s, p50", 2, "loud", 0.5),
    row("10,000 log lines/s, p99", 10, "loud", 0.99),
    row("the same over 40 kB/s, 50 ms, p50", line.roundTripMs + 10, "slow", 0.5),
    row("the same over 40 kB/s, 50 ms, worst", line.roundTripMs + 70, "slow", 1),
  ];
}

export const keyToPaint: Bench = { name: "key-to-paint", run };
