import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ChainReaderState, createChainReader } from "../../src/chain/reader.js";
import { MetricPoint } from "../../src/contract/metrics.js";

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8").split("\n");
const progress = (rank: number, steps: number, accepted: number) =>
  `[${rank} : mcmc] Progress @ 2026-10-02 03:12:00 : ${steps} steps taken, and ${accepted} accepted.`;

test("a single chain becomes points with accepted steps as abscissa and capture time", () => {
  const reader = createChainReader();
  const points = fixture("cobaya-single.log").flatMap((line, index) => reader.read(line, 1000 * index));
  expect(points.map(({ name, step, value }) => [name, step, value])).toEqual([
    ["chain.steps", 0, 1],
    ["chain.burnin_left", 0, 60],
    ["chain.steps", 0, 96],
    ["chain.burnin_left", 0, 12],
    ["chain.burnin_left", 0, 0],
    ["chain.accepted", 120, 120],
    ["chain.acceptance", 120, 0.441],
    ["chain.rminus1", 96, 4.812345],
    ["chain.steps", 251, 702],
    ["chain.accepted", 251, 251],
    ["chain.accepted", 3600, 3600],
    ["chain.acceptance", 3600, 0.352],
    ["chain.rminus1", 2880, 0.008711],
    ["chain.rminus1_cl", 3600, 0.12005],
    ["chain.converged", 3600, 1],
  ]);
  expect(points[0]).toEqual({ name: "chain.steps", rank: 0, step: 0, value: 1, at: 6000 });
});

test("every point can be stored: NaN and infinity become one mark per number", () => {
  const reader = createChainReader();
  const points = fixture("cobaya-mpi.log").flatMap((line) => reader.read(line, 5));
  for (const point of points) expect(() => MetricPoint.parse(point)).not.toThrow();
  expect(points.filter(({ name }) => name === "chain.not_finite")).toHaveLength(1);
  expect(points.filter(({ name }) => name === "chain.rminus1").map(({ value }) => value)).toEqual([0.411349]);
});

test("steps that start again are one resume, however many ranks there are", () => {
  const reader = createChainReader();
  const lines = [progress(0, 900, 300), progress(1, 880, 290), progress(0, 20, 305), progress(1, 22, 292)];
  const marks = () =>
    lines.flatMap((line, index) => reader.read(line, index)).filter(({ name }) => name === "chain.resumed");
  expect(marks()).toHaveLength(1);
  lines.splice(0, 4, "[0 : mcmc] Resuming from previous sample!", progress(0, 4, 306), progress(1, 3, 293));
  expect(marks()).toHaveLength(1);
  lines.splice(0, 3, progress(1, 1, 293), progress(0, 2, 306));
  expect(marks()).toHaveLength(1);
});

test("a reader goes on from its saved state as if nothing had happened", () => {
  const lines = [
    ...fixture("cobaya-mpi.log"),
    ...Array.from({ length: 20 }, (_, n) => `iter ${n}: loss ${1 / (n + 1)}`),
  ];
  const whole = createChainReader();
  const expected = [...lines.flatMap((line, index) => whole.read(line, 100 * index)), ...whole.flush()];
  let reader = createChainReader();
  const points = lines.flatMap((line, index) => {
    reader = createChainReader(ChainReaderState.parse(JSON.parse(JSON.stringify(reader.state()))));
    return reader.read(line, 100 * index);
  });
  expect([...points, ...reader.flush()]).toEqual(expected);
});

test("very frequent plain numbers are thinned, and the last one is never lost", () => {
  const reader = createChainReader();
  const lines = Array.from({ length: 1000 }, (_, n) => `iter ${n}: loss ${n}.5`);
  const points = lines.flatMap((line, index) => reader.read(line, index));
  expect(points.length).toBeLessThanOrEqual(5);
  expect(points.map(({ value }) => value)).toContain(0.5);
  expect(reader.flush().map(({ value }) => value)).toEqual([999.5]);
  expect(reader.flush()).toEqual([]);
});

test("chain numbers are never thinned", () => {
  const reader = createChainReader();
  const points = Array.from({ length: 50 }, (_, n) => reader.read(progress(0, n, n), 0)).flat();
  expect(points).toHaveLength(100);
});

test("a bar that is still being drawn may be read again and again", () => {
  const reader = createChainReader();
  let line = "";
  const seen = [1, 2, 3].flatMap((done) => {
    line += `\r ${done}0%|█ | ${done}/10 [00:01<00:09, 1.00it/s]`;
    return reader.read(line, done * 1000);
  });
  expect(seen.at(-1)).toMatchObject({ name: "progress", step: 2, value: 0.2 });
  expect(reader.flush()).toMatchObject([{ name: "progress", step: 3, value: 0.3 }]);
});

test("a run can't fill the store with names", () => {
  const reader = createChainReader();
  const lines = Array.from({ length: 500 }, (_, n) => `{'made_up_${n}': ${n}, 'epoch': 1.0}`);
  expect(new Set(lines.flatMap((line) => reader.read(line, 0)).map(({ name }) => name)).size).toBe(64);
});
