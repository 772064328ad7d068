import { appendFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readFrame, readFrom } from "../../../src/lab/capture/log-reader.js";
import { openLog } from "./log-fixture.js";

const messages = (rows: readonly { message: string }[]) => rows.map(({ message }) => message);

test("any window of lines, from many small blocks and a few large ones", async () => {
  const log = await openLog();
  let n = 0;
  for (const lines of [1, 3, 5000, 1, 1, 20_000, 2]) {
    await log.write(Array.from({ length: lines }, () => `line ${n++} ${"x".repeat(n % 50)}\n`).join(""));
  }
  const source = await log.source();
  expect(source.seq).toBe(n);
  for (const from of [0, 1, 3, 4, 17, 5003, 5004, 5005, 5006, 12_345, n - 2, n - 1]) {
    const rows = await readFrom(log.store, source, from, 3);
    expect(rows.map(({ seq, message }) => [seq, message.split(" ")[1]])).toEqual(
      [from, from + 1, from + 2].filter((seq) => seq < n).map((seq) => [seq, String(seq)]),
    );
  }
  expect(await readFrom(log.store, source, 0, 1e9)).toHaveLength(n);
  expect(await readFrom(log.store, source, n, 10)).toEqual([]);
});

test("times and creation times never go back, and come from the block", async () => {
  const log = await openLog();
  await log.write("a\nb\n");
  await log.write("c\n");
  const rows = await readFrom(log.store, await log.source(), 0, 9);
  expect(rows.map(({ _id, timestamp }) => [_id, timestamp])).toEqual([
    ["e:1:0", 1_000_050],
    ["e:1:1", 1_000_050],
    ["e:1:2", 1_000_100],
  ]);
  const times = rows.map((row) => row._creationTime);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("frames by byte offset join without gap or repeat, wherever they are cut", async () => {
  const log = await openLog();
  const lines = Array.from({ length: 3000 }, (_, n) => `line ${n} ${"é".repeat(n % 90)}`);
  await log.write(`${lines.slice(0, 1500).join("\n")}\n`);
  await log.write(`${lines.slice(1500).join("\n")}\n`);
  const source = await log.source();
  const seen: string[] = [];
  let frames = 0;
  for (let offset = 0; offset < source.off; frames++) {
    const frame = await readFrame(log.store, source, offset);
    // A client that stopped in the middle of a frame comes back with the offset behind its last line.
    const taken = frame.slice(0, Math.max(1, frame.length - (frames % 3)));
    seen.push(...taken.map(({ entry }) => entry.message));
    offset = taken.at(-1)!.end;
  }
  expect(seen).toEqual(lines);
  expect(frames).toBeGreaterThan(2);
  expect(await readFrame(log.store, source, source.off)).toEqual([]);
});

test("binary output, bytes that are no UTF-8, colours and carriage returns are shown as text", async () => {
  const log = await openLog();
  await log.write(Buffer.from("\x1b[31mred\x1b[0m\tend\r\n10%\r20%\r30%\n\0\x07bell\n", "latin1"));
  await log.write(Buffer.from([0xff, 0xfe, 0x41, 0x0a, 0xc3, 0x0a, 0xe2, 0x82, 0xac, 0x0a]));
  const rows = messages(await readFrom(log.store, await log.source(), 0, 99));
  expect(rows.slice(0, 3)).toEqual(["red     end", "30%", "bell"]);
  expect(rows.slice(3)).toEqual(["\\xff\\xfeA", "\\xc3", "€"]);
});

test("a line of 10 MB is one entry, cut with a mark; its neighbours are whole", async () => {
  const log = await openLog();
  await log.write(`before\n${"€".repeat(3_333_333)}\nafter\n`);
  await log.write(`${"y".repeat(40_000)}\n`);
  const rows = await readFrom(log.store, await log.source(), 0, 9);
  expect(rows).toHaveLength(4);
  expect(rows[1]?.message).toMatch(/^€{5461}… \[10\.0 MB line cut\]$/);
  expect(rows[2]?.message).toBe("after");
  expect(rows[3]?.message).toMatch(/^y{16384}… \[40 kB line cut\]$/);
  expect(messages(await readFrom(log.store, await log.source(), 2, 1))).toEqual(["after"]);
});

test("a progress bar of hours shows its last state", async () => {
  const log = await openLog();
  const states = Array.from({ length: 60_000 }, (_, n) => `\rstep ${n} of 60000`).join("");
  await log.write(`${states}\n`);
  await log.write(`${states.repeat(3)}\ndone\n`);
  expect(messages(await readFrom(log.store, await log.source(), 0, 9))).toEqual([
    "step 59999 of 60000",
    "step 59999 of 60000",
    "done",
  ]);
});

test("a restart goes on behind the last stored line; what could not be stored is read again", async () => {
  const log = await openLog();
  await log.write("one\ntwo\nthr");
  await log.reopen();
  await log.write("ee\n");
  appendFileSync(log.file, "[mcmc]  - Acceptance rate: 0.301\nlast");
  const lost = await log.tail().poll(0, true);
  expect(lost.points).toHaveLength(1);
  const again = await log.tail().poll(0, true);
  expect(again).toEqual(lost);
  await log.write("", true);
  expect(messages(await readFrom(log.store, await log.source(), 0, 9))).toEqual([
    "one",
    "two",
    "three",
    "[mcmc]  - Acceptance rate: 0.301",
    "last",
  ]);
  const points = await log.store.db.selectFrom("metrics").select("name").execute();
  expect(points).toEqual([{ name: "chain.acceptance" }]);
});

test("a million lines are indexed within seconds, and none is lost", async () => {
  const log = await openLog();
  const text = Array.from(
    { length: 100_000 },
    (_, n) => `2026-11-21 INFO worker 7: sampled point ${n} of the grid, loglike -1234.5678 and so on`,
  ).join("\n");
  for (let part = 0; part < 10; part++) appendFileSync(log.file, `${text}\n`);
  const cpu = process.cpuUsage();
  await log.write("");
  const { user, system } = process.cpuUsage(cpu);
  expect((await log.source()).seq).toBe(1_000_000);
  // Alone it takes about 1 s; the bound is for a machine with much else to do.
  expect((user + system) / 1e6).toBeLessThan(6);
  process.stdout.write(`1,000,000 lines: ${((user + system) / 1e6).toFixed(2)} s CPU\n`);
});
