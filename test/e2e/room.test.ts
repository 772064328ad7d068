import { afterEach, expect, test } from "vitest";
import { Experiment } from "../../src/contract/experiment.js";
import { freshHome, openRoom, type Room, type RoomOptions } from "./driver.js";
import { eventually, labOf, run, stopEverything } from "./lab.js";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, 60_000);

function home(): string {
  const { dir, clear } = freshHome();
  cleanups.push(clear, () => stopEverything(dir));
  return dir;
}

function open(options: RoomOptions): Room {
  const room = openRoom(options);
  cleanups.push(() => room.kill("SIGKILL"));
  return room;
}

const rows = async (dir: string) => {
  const { out } = await run(dir, ["experiments", "list", "--json"]);
  return (JSON.parse(out) as { rows: unknown[] }).rows.map((row) => Experiment.parse(row));
};

test("first run with --sample: a chain runs, its log scrolls, R-1 is on the chart, the pod shows load", async () => {
  const dir = home();
  const room = open({ home: dir, args: ["--sample"] });
  await room.until(/EXP-001/);
  await room.until(/● live/);
  await room.until(/\[0 : mcmc\] +Progress @|Progress @ \d{4}-/, 30_000);
  await room.until(/R-1 \d/, 60_000);
  await room.until(/[▁▂▃▄▅▆▇█] +\d+%/);

  // n Enter Enter starts another one.
  const before = (await rows(dir)).length;
  room.press("n");
  await room.until(/New experiment/i);
  room.press("enter");
  room.press("enter");
  await eventually(async () => ((await rows(dir)).length === before + 1 ? true : undefined));
  await room.until(new RegExp(`EXP-00${before + 1}`));

  // x y cancels it: it is the selected row.
  room.press("x");
  await room.until(/\by\b.*\n?/);
  room.press("y");
  const newest = await eventually(async () => {
    const row = (await rows(dir)).find((candidate) => candidate.experimentId === `EXP-00${before + 1}`);
    return row?.status === "fail" ? row : undefined;
  });
  expect(newest.result).toMatch(/cancel/i);

  // q leaves, the runs go on, the next start shows them.
  room.press("q");
  expect(await room.exited).toMatchObject({ exitCode: 0 });
  expect((await rows(dir)).some((row) => row.status === "running")).toBe(true);
  const again = open({ home: dir });
  await again.until(/EXP-001/);
  await again.until(/● live/);
  again.press("q");
  await again.exited;
}, 180_000);

test("kill -9 of the lab while the room is open: the room says so, the lab comes back, no line and no exit code is lost", async () => {
  const dir = home();
  await run(dir, ["lab", "start"]);
  const counting = (seconds: number, code: number) =>
    JSON.stringify({
      command: `i=0; while [ $i -lt ${seconds * 20} ]; do echo line $i; i=$((i+1)); sleep 0.05; done; exit ${code}`,
    });
  for (const [seconds, code] of [
    [4, 0],
    [5, 3],
    [6, 0],
  ] as const) {
    await run(dir, ["experiments", "create", "--title", `counts ${seconds}`, "--config", counting(seconds, code)]);
  }
  const room = open({ home: dir });
  await room.until(/line \d+/);
  const lab = await labOf(dir);
  process.kill(lab?.pid ?? 0, "SIGKILL");
  await room.until(/lost|stale|retry/i);
  await room.until(/● live/, 30_000);
  const ended = await eventually(async () => {
    const all = await rows(dir);
    return all.every((row) => row.status === "pass" || row.status === "fail") ? all : undefined;
  }, 40_000);
  const byTitle = new Map(ended.map((row) => [row.title, row]));
  expect(byTitle.get("counts 4")).toMatchObject({ status: "pass", exitCode: 0, logLines: 80 });
  expect(byTitle.get("counts 5")).toMatchObject({ status: "fail", exitCode: 3, logLines: 100 });
  expect(byTitle.get("counts 6")).toMatchObject({ status: "pass", exitCode: 0, logLines: 120 });
  const { out } = await run(dir, ["experiments", "logs", byTitle.get("counts 6")?._id ?? "", "--limit", "1000"]);
  expect(out.trimEnd().split("\n")).toEqual(Array.from({ length: 120 }, (_, index) => `line ${index}`));
  room.press("q");
  expect(await room.exited).toMatchObject({ exitCode: 0 });
}, 120_000);

test("the terminal is given back exactly: one alternate screen, cursor on, on q and on SIGTERM", async () => {
  const dir = home();
  const count = (room: Room, sequence: string) => room.raw().split(sequence).length - 1;
  for (const leave of ["q", "SIGTERM"] as const) {
    const room = open({ home: dir, columns: 80, rows: 24 });
    await room.until(/live/);
    if (leave === "q") room.press("q");
    else process.kill(room.pid, leave);
    expect(await room.exited).toMatchObject({ exitCode: leave === "q" ? 0 : 143 });
    expect(count(room, "\x1b[?1049h")).toBe(1);
    expect(count(room, "\x1b[?1049l")).toBe(1);
    expect(count(room, "\x1b[3J")).toBe(0);
    expect(room.raw().lastIndexOf("\x1b[?25h")).toBeGreaterThan(room.raw().lastIndexOf("\x1b[?25l"));
  }
}, 60_000);

test("pasted text is never taken for keys", async () => {
  const dir = home();
  const room = open({ home: dir });
  await room.until(/live/);
  room.paste("q\nn\rx y\n");
  room.press("?");
  await room.until(/type what you want/);
  expect(room.text()).not.toMatch(/Start experiment/);
  room.press("esc");
  await room.until((screen) => !/type what you want/.test(screen));
  room.press("q");
  expect(await room.exited).toMatchObject({ exitCode: 0 });
}, 60_000);

test("any size is survived, from 1×1 to 500×200", async () => {
  const dir = home();
  const room = open({ home: dir });
  await room.until(/live/);
  for (const [columns, rowCount] of [
    [1, 1],
    [20, 5],
    [59, 15],
    [80, 24],
    [500, 200],
    [120, 36],
  ] as const) {
    room.resize(columns, rowCount);
    if (columns >= 80) await room.until((screen) => /live/.test(screen) && screen.split("\n").length === rowCount);
  }
  room.press("q");
  expect(await room.exited).toMatchObject({ exitCode: 0 });
}, 60_000);
