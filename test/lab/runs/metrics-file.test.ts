import { appendFileSync, mkdtempSync, renameSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type MetricsFile, readMetricsFile, startOfMetrics } from "../../../src/lab/runs/metrics-file.js";
import { openRunOutput } from "../../../src/lab/runs/run-output.js";

function open(more: Partial<MetricsFile> = {}) {
  const path = join(mkdtempSync(join(tmpdir(), "hubify-metrics-")), "metrics.jsonl");
  const file: MetricsFile = { path, isCopy: false, newerThan: null, ...more };
  let position = startOfMetrics;
  const look = async (final = false) => {
    const values: string[] = [];
    for (let looks = 0; looks < 50; looks++) {
      const found = await readMetricsFile(file, position, { at: 1, final });
      position = found.position;
      values.push(...found.points.map(({ name, step, value }) => `${name} ${step} ${value}`));
      if (found.drained) return values;
    }
    throw new Error("it never ends");
  };
  return { path, look };
}

test("whole lines only, until nothing more will come", async () => {
  const { path, look } = open();
  expect(await look()).toEqual([]);
  writeFileSync(path, '{"step":1,"loss":3}\n{"step":2,"lo');
  expect(await look()).toEqual(["loss 1 3"]);
  expect(await look()).toEqual([]);
  appendFileSync(path, 'ss":2}\n{"step":3,"loss":1}');
  expect(await look()).toEqual(["loss 2 2"]);
  expect(await look(true)).toEqual(["loss 3 1"]);
  expect(await look(true)).toEqual([]);
});

test("a file that was cut or replaced is read from its beginning", async () => {
  const { path, look } = open();
  writeFileSync(path, '{"step":1,"a":1}\n{"step":2,"a":2}\n');
  expect(await look()).toHaveLength(2);
  truncateSync(path);
  writeFileSync(path, '{"step":9,"a":9}\n');
  expect(await look()).toEqual(["a 9 9"]);
  renameSync(path, `${path}.1`);
  writeFileSync(path, '{"step":10,"a":1}\n{"step":11,"a":2}\n');
  expect(await look()).toEqual(["a 10 1", "a 11 2"]);
});

test("a copy that is put in place anew goes on where it was", async () => {
  const { path, look } = open({ isCopy: true });
  writeFileSync(path, '{"step":1,"a":1}\n');
  expect(await look()).toEqual(["a 1 1"]);
  writeFileSync(`${path}.new`, '{"step":1,"a":1}\n{"step":2,"a":2}\n');
  renameSync(`${path}.new`, path);
  expect(await look()).toEqual(["a 2 2"]);
});

test("what stood in a shared directory before the run is not its own", async () => {
  const { path, look } = open({ newerThan: Date.now() });
  writeFileSync(path, '{"step":1,"a":1}\n');
  utimesSync(path, 1, 1);
  expect(await look()).toEqual([]);
  appendFileSync(path, '{"step":2,"a":2}\n');
  expect(await look()).toEqual(["a 2 2"]);
});

test("a line that is longer than a look is passed over, and so are many looks' worth of lines read", async () => {
  const { path, look } = open();
  writeFileSync(path, `{"step":1,"a":1}\n{"note":"${"x".repeat(3 * 1024 * 1024)}"}\n{"step":2,"a":2}\n`);
  expect(await look()).toEqual(["a 1 1", "a 2 2"]);
});

test("a look that was not stored is repeated, also by another lab", async () => {
  const { path } = open();
  const out = join(path, "../out");
  const start = { file: out, off: 0, seq: 0, reader: null, metrics: { path, isCopy: false, newerThan: null } };
  writeFileSync(out, "step: 1 loss: 0.5\n");
  writeFileSync(path, '{"step":1,"a":1}\n');
  const first = openRunOutput(start);
  const names = (harvest: { points: readonly { name: string; step: number }[] }) =>
    harvest.points.map(({ name, step }) => `${name} ${step}`);
  expect(names(await first.poll(1000, false))).toEqual(["loss 1", "a 1"]);
  const stored = await first.poll(1000, false);
  expect(names(stored)).toEqual(["loss 1", "a 1"]);
  first.accept(stored);
  expect(names(await first.poll(2000, false))).toEqual([]);
  await first.close();

  appendFileSync(path, '{"step":2,"a":2}\n');
  const { off, seq, reader = null } = stored;
  const second = openRunOutput({ ...start, off, seq, reader });
  expect(names(await second.poll(3000, true))).toEqual(["a 2"]);
  await second.close();
});
