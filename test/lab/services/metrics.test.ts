import { expect, test } from "vitest";
import type { MetricPoint } from "../../../src/contract/metrics.js";
import { rowsPerLine } from "../../../src/lab/services/metric-store.js";
import { createMetrics } from "../../../src/lab/services/metrics.js";
import { openLab } from "./lab-fixture.js";

async function open() {
  const lab = await openLab();
  const metrics = createMetrics(lab.store, []);
  const { _id } = await lab.create({ config: { command: "true", mcmc: { Rminus1_stop: 0.02 } } });
  await lab.experiments.claim(_id, "pod");
  const countRows = async () => {
    const rows = await lab.store.db.selectFrom("metrics").select("n").where("experiment_id", "=", _id).execute();
    return rows.length;
  };
  return { ...lab, metrics, id: _id, countRows };
}

const points = (count: number, more: Partial<MetricPoint> = {}): MetricPoint[] =>
  Array.from({ length: count }, (_, step) => ({
    name: "loss",
    rank: 0,
    step,
    value: Math.sin(step),
    at: step,
    ...more,
  }));

test("reads by name, rank and time, with the newest of each name and what names there are", async () => {
  const { metrics, id } = await open();
  await metrics.append(id, 1, [
    ...points(3),
    ...points(2, { rank: 1, value: 7 }),
    ...points(1, { name: "ess", value: 9 }),
  ]);
  const all = await metrics.read("EXP-001", {});
  expect(all.points).toHaveLength(6);
  expect(all.targets).toEqual({ rminus1: 0.02, rminus1_cl: null });
  expect(all.last).toEqual({ loss: { step: 1, value: 7, at: 1 }, ess: { step: 0, value: 9, at: 0 } });
  expect(all.names).toEqual([
    { name: "ess", count: 1, ranks: 1 },
    { name: "loss", count: 5, ranks: 2 },
  ]);
  expect((await metrics.read(id, { name: "loss", rank: 1, since: 1 })).points).toEqual([
    { name: "loss", rank: 1, step: 1, value: 7, at: 1 },
  ]);
  expect((await metrics.read(id, { attempt: 2 })).points).toEqual([]);
});

test("a chart gets the points it asks for, with every extreme", async () => {
  const { metrics, id } = await open();
  const line = points(1500);
  line[700] = { ...line[700], value: 99 } as MetricPoint;
  await metrics.append(id, 1, line);
  const { points: sent } = await metrics.read(id, { points: 50 });
  expect(sent.length).toBeLessThanOrEqual(50);
  expect(sent.map(({ value }) => value)).toContain(99);
  expect(sent.at(-1)).toEqual(line.at(-1));
});

test("what is stored of a line stays bounded, with its extremes, first and last", async () => {
  const { metrics, id, countRows } = await open();
  for (let part = 0; part < 30; part++) {
    const some = points(1000, { at: part }).map((point, index) => ({
      ...point,
      step: part * 1000 + index,
      value: index,
    }));
    if (part === 3) some[500] = { ...some[500], value: -5000 } as MetricPoint;
    await metrics.append(id, 1, some);
  }
  expect(await countRows()).toBeLessThanOrEqual(rowsPerLine(1));
  const { points: kept } = await metrics.read(id, { points: 2000 });
  expect(kept[0]).toMatchObject({ step: 0, value: 0 });
  expect(kept.at(-1)).toMatchObject({ step: 29_999 });
  expect(kept.map(({ value }) => value)).toContain(-5000);
  expect(kept.filter(({ step }) => step < 15_000).length).toBeGreaterThan(200);
});

test("with many lines each gets fewer rows; lines beyond the bound are left out", async () => {
  const { metrics, id, countRows } = await open();
  await metrics.append(
    id,
    1,
    Array.from({ length: 300 }, (_, index) => ({ name: `m${index}`, rank: 0, step: 1, value: 1, at: 1 })),
  );
  expect((await metrics.read(id, {})).names).toHaveLength(256);
  await metrics.append(id, 1, points(5000, { name: "m0" }));
  expect(await countRows()).toBeLessThanOrEqual(256 + rowsPerLine(256));
});

test("points that are sent again are stored once; the experiment has the newest of each", async () => {
  const { metrics, id, experiments, countRows } = await open();
  const body = {
    points: [
      { name: "loss", step: 1, value: 0.5 },
      { name: "loss", step: 2, value: 0.25, rank: 1 },
    ],
  };
  expect(await metrics.post("EXP-001", body)).toEqual({ received: 2, stored: 2 });
  expect(await metrics.post(id, body)).toEqual({ received: 2, stored: 0 });
  expect(await metrics.post(id, { points: [{ name: "loss", step: 1, value: 0.75 }] })).toMatchObject({ stored: 1 });
  expect(await countRows()).toBe(3);
  expect((await experiments.get(id)).metrics).toEqual({ loss: 0.75 });
  await metrics.post(id, { points: [{ name: "grad", step: 3, value: "NaN" }] });
  expect((await metrics.read(id, {})).last["chain.not_finite"]).toMatchObject({ step: 3, value: 1 });
});

test.each([
  ["no points", { points: [] }, /^points: /],
  ["a point without a step", { points: [{ name: "a", value: 1 }] }, /^points\.0\.step: /],
  ["a field that there is not", { points: [{ name: "a", value: 1, step: 1, rnak: 1 }] }, /rnak/],
  [
    "a name that can't be a field",
    { points: [{ name: "$a", value: 1, step: 1 }] },
    /^points\.0\.name: must be printable/,
  ],
  ["too many", { points: Array.from({ length: 10_001 }, (_, step) => ({ name: "a", step, value: 1 })) }, /^points: /],
])("refuses %s", async (_, body, words) => {
  const { metrics, id } = await open();
  await expect(metrics.post(id, body as never)).rejects.toThrow(words);
});

test("numbers belong to an attempt", async () => {
  const { metrics, create } = await open();
  const { _id } = await create();
  await expect(metrics.post(_id, { points: [{ name: "a", step: 1, value: 1 }] })).rejects.toThrow(
    /EXP-002 has not started/,
  );
});
