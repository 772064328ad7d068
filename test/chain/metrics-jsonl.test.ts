import { expect, test } from "vitest";
import { noMetricsYet, readMetricsLines } from "../../src/chain/metrics-jsonl.js";

const read = (line: string) => readMetricsLines([line], 5, noMetricsYet).points;

test.each([
  [
    '{"step": 1, "loss": 0.1, "time": 1700000000.5}',
    [{ name: "loss", step: 1, value: 0.1, at: 1_700_000_000_500, rank: 0 }],
  ],
  ['{"name": "loss", "value": 2, "step": 7}', [{ name: "loss", step: 7, value: 2, at: 5, rank: 0 }]],
  ['{"name": "loss", "value": 2}', [{ name: "loss", step: 1, value: 2, at: 5, rank: 0 }]],
  [
    '{"epoch": 3, "train": {"loss": 1e-3}, "tags": [1], "note": "x"}',
    [{ name: "train.loss", step: 3, value: 0.001, at: 5, rank: 0 }],
  ],
  [
    '{"time": 12.5, "timestamp": "2026-11-21T00:00:00Z", "a": 1}',
    [
      { name: "time", step: 1, value: 12.5, at: 1_795_219_200_000, rank: 0 },
      { name: "a", step: 1, value: 1, at: 1_795_219_200_000, rank: 0 },
    ],
  ],
  ['{"rank": 3, "step": 2, "loss": 4}', [{ name: "loss", step: 2, value: 4, at: 5, rank: 3 }]],
  [
    '{"step": 2, "note": "NaN \\" NaN", "loss": -Infinity}',
    [{ name: "chain.not_finite", step: 2, value: 1, at: 5, rank: 0 }],
  ],
  ["", []],
  ["not json", []],
  ["[1, 2]", []],
  ['{"step": 1, "loss": ', []],
])("%s", (line, points) => {
  expect(read(line)).toEqual(points);
});

test("lines without a step are counted for each name; NaN is told once for each name", () => {
  let state = noMetricsYet;
  const points = [];
  for (const line of ['{"a": 1}', '{"a": 2, "b": NaN}', '{"a": NaN, "b": NaN}', '{"a": 4}']) {
    const found = readMetricsLines([line], 0, state);
    state = found.state;
    points.push(...found.points.map(({ name, step, value }) => `${name} ${step} ${value}`));
  }
  expect(points).toEqual(["a 1 1", "a 2 2", "chain.not_finite 1 1", "chain.not_finite 3 1", "a 4 4"]);
});

test("a file can't fill the store with names", () => {
  const record = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`m${index}`, index]));
  expect(read(JSON.stringify(record))).toHaveLength(256);
});
