import { describe, expect, it } from "vitest";
import { parseConfig, placeOf } from "../../../src/ui/overlays/new-experiment/config.js";
import { parseEstimate } from "../../../src/ui/overlays/new-experiment/form.js";

describe("a config as typed", () => {
  it("keeps fields that the lab does not know, with comments and trailing commas", () => {
    const text = '{\n  // chains\n  "chains": 4, "walkers": { "n": [1, 2,] },\n}';
    expect(parseConfig(text)).toEqual({ value: { chains: 4, walkers: { n: [1, 2] } }, problem: null });
  });

  it("is empty when nothing is typed", () => {
    expect(parseConfig("  \n")).toEqual({ value: {}, problem: null });
  });

  it.each([
    ['{"a" 1}', "1:6", "colon expected"],
    ['{\n  "a": 1\n  "b": 2\n}', "3:3", "comma expected"],
    ['{"a": tru}', "1:7", "invalid symbol"],
    ["[1]", "1:1", "must be an object"],
    ['{\n  "qc": {"metrics": {"rhat": {"max": "low"}}}\n}', "2:38", "qc.metrics.rhat.max: expected number"],
    ['{"slots": 0}', "1:11", "slots: must be > 0"],
    ['{"command": ""}', "1:13", "command: must not be empty"],
    ['{"args": ["a", 1]}', "1:16", "args.1: expected string"],
  ])("%s is wrong at %s: %s", (text, place, message) => {
    const { problem } = parseConfig(text);
    const { line, column } = placeOf(text, problem?.offset ?? -1);
    expect(`${line}:${column}`).toBe(place);
    expect(problem?.message).toContain(message);
  });
});

it.each([
  ["", undefined],
  ["90", 90],
  ["1.5 min", 90],
  ["2h", 7200],
  ["1d", 86_400],
  ["0", null],
  ["-5", null],
  ["soon", null],
  ["1e999", null],
])("an estimate of %j is %s seconds", (text, seconds) => expect(parseEstimate(text)).toBe(seconds));
