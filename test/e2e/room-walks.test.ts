import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Experiment } from "../../src/contract/experiment.js";
import { freshHome, openRoom, type Room, type RoomOptions } from "./driver.js";
import { eventually, labOf, run, stopEverything } from "./lab.js";

/** One lab for all walks: what a walk needs it makes itself, and leaves nothing that runs. */
const { dir, clear } = freshHome();
const rooms: Room[] = [];

beforeAll(async () => {
  await run(dir, ["lab", "start"]);
  await create("prints needles", { command: prints });
  await eventually(async () => ((await rows())[0]?.status === "pass" ? true : undefined));
}, 30_000);
afterEach(async () => {
  for (const room of rooms.splice(0)) {
    room.kill("SIGKILL");
    await room.exited;
  }
});
afterAll(async () => {
  await stopEverything(dir);
  clear();
}, 60_000);

const prints =
  'i=0; while [ $i -lt 400 ]; do if [ $((i % 40)) = 0 ]; then echo "a needle at $i"; else echo "hay $i"; fi; i=$((i+1)); done; echo "ERROR: the last straw"; echo done';

function open(options: Partial<RoomOptions> = {}): Room {
  const room = openRoom({ home: dir, ...options });
  rooms.push(room);
  return room;
}

async function create(title: string, config: object): Promise<void> {
  const { code, err } = await run(dir, ["experiments", "create", "--title", title, "--config", JSON.stringify(config)]);
  if (code !== 0) throw new Error(err);
}

async function rows(): Promise<readonly Experiment[]> {
  const { out } = await run(dir, ["experiments", "list", "--json"]);
  return (JSON.parse(out) as { rows: unknown[] }).rows.map((row) => Experiment.parse(row));
}

const cursorId = (screen: string) => /1 Queue[^]*▸ +(EXP-\d+)/.exec(screen)?.[1] ?? null;
const titled = async (title: string) => (await rows()).find((row) => row.title === title);
const without = (pattern: RegExp) => (screen: string) => !pattern.test(screen);

test("a search counts its hits, goes through them and shows them alone; errors are a key away", async () => {
  const room = open();
  await room.until(/prints needles[^]*done/);
  room.press("enter", "/");
  room.type("needle at");
  await room.until(/needle at.*10/);
  room.press("enter");
  await room.until(/\/needle at +10 of 10/);
  room.press("N", "N");
  await room.until(/8 of 10/);
  room.press("n", "n", "n");
  await room.until(/\/needle at +1 of 10/);
  room.press("&");
  const alone = await room.until(/a needle at 0[^]*a needle at 360/);
  expect(alone).not.toMatch(/hay \d/);
  room.press("esc", "e");
  await room.until(/hay 399[^]*the last straw|the last straw/);
});

test("scrolling up loads what came before, to the first line", async () => {
  await create("seven thousand rows", { command: "seq -f 'row %.0f of 7000' 1 7000" });
  const room = open();
  await room.until(/● live/);
  room.press("/");
  room.type("seven");
  await room.until(/1 of \d/);
  room.press("enter", "enter");
  await room.until(/last 5,000 lines[^]*row 7000 of 7000/);
  room.press("g");
  await room.until(/last 6,000 lines/);
  room.press("g");
  await room.until(/ 7,000 lines/);
  room.press("g");
  await room.until(/row 1 of 7000/);
});

test("the form says where the JSON is wrong, takes it mended, and shows what the lab refuses", async () => {
  const room = open();
  await room.until(/● live/);
  room.press("n");
  await room.until(/\[mcmc\]/);
  // Template, none of them; the title; then over compute, priority, estimate, queue and how it is made to the config.
  room.press("right", "right", "right", "enter");
  room.type("made in the form");
  room.press("tab", "tab", "tab", "tab", "tab", "tab");
  room.type("oops ");
  room.press("ctrl-s");
  await room.until(/✘ 1:\d+ /);
  // The cursor is where it is wrong.
  room.press("delete", "delete", "delete", "delete", "delete", "ctrl-s");
  await room.until(/command: must not be empty/);
  room.press("right");
  room.type("true");
  room.press("ctrl-s");
  await room.until(without(/New experiment/));
  expect(await titled("made in the form")).toBeDefined();

  room.press("n");
  await room.until(/\[mcmc\]/);
  room.press("right", "right", "right", "enter");
  room.type("has no script");
  room.press("tab", "tab", "tab", "tab", "tab", "tab");
  room.paste('{ "script": "nowhere/at-all.py" } //');
  room.press("ctrl-s");
  const ended = await eventually(async () => {
    const row = await titled("has no script");
    return row?.status === "fail" || /nowhere/.test(room.text()) ? { row } : undefined;
  });
  expect(`${ended.row?.result} ${room.text()}`).toMatch(/nowhere\/at-all\.py/);
});

test("delete asks for the id, and nothing else will do", async () => {
  await create("to be deleted", { command: "true" });
  const id = (await titled("to be deleted"))?.experimentId ?? "";
  await eventually(async () => ((await titled("to be deleted"))?.status === "pass" ? true : undefined));
  const room = open();
  await room.until(/● live/);
  room.press("/");
  room.type("deleted");
  await room.until(/1 of \d/);
  room.press("enter", "D");
  await room.until(new RegExp(`Type ${id}`));
  room.type("EXP-0");
  room.press("enter");
  await room.until(/nothing was done/);
  room.press("ctrl-u");
  room.type(id);
  room.press("enter");
  await room.until(new RegExp(`${id} is deleted`));
  expect(await titled("to be deleted")).toBeUndefined();
});

test("the config opens in $EDITOR and comes back as a new experiment; the terminal is ours again", async () => {
  await create("to be edited", { command: "echo needle" });
  const room = open({ env: { EDITOR: "sed -i s/needle/pin/" } });
  await room.until(/● live/);
  room.press("/");
  room.type("edited");
  await room.until(/1 of \d/);
  room.press("enter", "e");
  await room.until(/New experiment[^]*echo pin/);
  room.press("ctrl-c");
  await room.until(without(/New experiment/));
});

test("a dialog follows the size of the screen, and what was typed stays", async () => {
  const room = open();
  await room.until(/● live/);
  room.press("n", "tab", "tab", "shift-tab");
  room.type(" kept");
  await room.until(/ kept/);
  for (const [columns, rowsOf] of [
    [60, 16],
    [200, 50],
    [80, 24],
  ] as const) {
    room.resize(columns, rowsOf);
    const fits = (screen: string) => Math.max(...screen.split("\n").map((line) => line.length)) <= columns;
    await room.until((screen) => fits(screen) && / kept/.test(screen) && /New experiment/.test(screen));
  }
  room.press("esc");
  await room.until(/1 Queue/);
});

test("Esc closes what is open however soon it comes, and keys glued to it are not lost", async () => {
  const room = open();
  await room.until(/● live/);
  for (let round = 0; round < 10; round++) {
    room.press(round % 2 === 0 ? "n" : "?");
    await room.until(/New experiment|Help/);
    room.press("esc");
    await room.until(without(/New experiment|type what you want/));
  }
  // One read: a dialog, its end, zoom, and a prompt.
  room.type("?\x1bz/x");
  await room.until(/filter: x/);
  expect(room.text()).not.toMatch(/3 Pods/);
});

test("NO_COLOR leaves no colour, and a plain locale nothing but ASCII", async () => {
  const room = open({ env: { NO_COLOR: "1", LANG: "C", LC_ALL: "C" } });
  await room.until(/live/);
  room.press("?");
  await room.until(/type what you want/);
  room.press("esc", "n");
  await room.until(/New experiment/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: SGR is what is looked for
  const colours = [...room.raw().matchAll(/\x1b\[([\d;]*)m/g)].filter(([, code = ""]) =>
    code.split(";").some((part) => /^(3[0-8]|4[0-8]|9\d|10[0-7])$/.test(part)),
  );
  expect(colours).toEqual([]);
  const drawn = room.text().replaceAll(/Λ|·/g, "");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  expect([...drawn.matchAll(/[^\x00-\x7f]/g)].map(String)).toEqual([]);
});

test("--readonly offers nothing that changes anything", async () => {
  const before = (await rows()).length;
  const room = open({ args: ["--readonly"] });
  await room.until(/read-only/);
  await room.until(/● live/);
  room.press("n", "x", "D", "c", "?");
  const help = await room.until(/type what you want/);
  expect(help).not.toMatch(/New experiment|Stop or cancel|Delete/);
  expect((await rows()).length).toBe(before);
});

test("a lab that was stopped stays stopped, says so, and r starts it again", async () => {
  const room = open();
  await room.until(/● live/);
  await run(dir, ["lab", "stop"]);
  await room.until(/lost/);
  await room.until(/the lab was stopped/);
  await room.until(/lost \d+ s/);
  expect(await labOf(dir)).toBeNull();
  room.press("r");
  await room.until(/● live/);
  expect(await labOf(dir)).not.toBeNull();
});

test("what was on the screen is there at the next start, with the cursor where it was", async () => {
  const room = open();
  await room.until(/prints needles/);
  room.press("G");
  const before = await room.until(
    (screen) => /1 Queue .* (\d+)\/\1 /.test(screen) && screen.includes(`2 Log  ${cursorId(screen)}`),
  );
  const id = cursorId(before);
  room.press("2", "z");
  await room.until(without(/1 Queue/));
  room.press("q");
  await room.exited;
  const again = open();
  const shown = await again.until(new RegExp(`2 Log +${id}`));
  expect(shown).not.toMatch(/1 Queue/);
});
