import { describe, expect, it } from "vitest";
import { gridNames, parseGrid } from "../../src/app/batch-grid.js";

describe("a grid as it is typed", () => {
  it.each([
    ["seed=1..3", { seed: [1, 2, 3] }, 3],
    ["seed=3..1", { seed: [3, 2, 1] }, 3],
    ["x=0..1..0.25", { x: [0, 0.25, 0.5, 0.75, 1] }, 5],
    ["x=0..0.3..0.1", { x: [0, 0.1, 0.2, 0.3] }, 4],
    ["seed=1..2,7 steps=100,200", { seed: [1, 2, 7], steps: [100, 200] }, 6],
    ['model.name=a,"b c" fast=true,null', { "model.name": ["a", "b c"], fast: [true, null] }, 4],
    ["version=1.2.3", { version: ["1.2.3"] }, 1],
  ])("%s", (text, grid, count) => {
    expect(parseGrid(text)).toEqual({ grid, count, problem: null });
  });

  it.each([
    ["", "name at least one: seed=1..8"],
    ["seed", "seed: write it as path=values, seed=1..8"],
    ["=1", "=1: write it as path=values, seed=1..8"],
    ["a..b=1", "a..b: must be a dotted path, model.seed"],
    ["seed=1 seed=2", "seed is there twice"],
    ["seed=", "seed: has no value"],
    ["seed=1..5..0", "seed: a step of 0 leads nowhere"],
    ["seed=1..100000000", "seed: 1..100000000 has 100000000 values; a batch has at most 1000"],
    ["a=1..50 b=1..50", "makes 2500 experiments; a batch has at most 1000"],
  ])("%j is refused in words", (text, problem) => {
    expect(parseGrid(text).problem).toBe(problem);
  });

  it("names what it makes as the lab will, the last path changing fastest", () => {
    const { grid } = parseGrid("seed=1..2 model.steps=10,20 ");
    expect(gridNames(grid, 10)).toEqual(["seed=1 steps=10", "seed=1 steps=20", "seed=2 steps=10", "seed=2 steps=20"]);
    expect(gridNames(grid, 3)).toHaveLength(3);
    expect(gridNames(parseGrid("a.seed=1 b.seed=2").grid, 5)).toEqual(["a.seed=1 b.seed=2"]);
    expect(gridNames({}, 5)).toEqual([]);
  });
});
