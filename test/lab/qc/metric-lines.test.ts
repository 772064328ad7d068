import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { firstNotFinite } from "../../../src/lab/qc/metric-lines.js";
import { freshDir } from "./qc-fixture.js";

function written(text: string): string {
  const file = join(freshDir(), "metrics.jsonl");
  writeFileSync(file, text);
  return file;
}

test("finds the line wherever the file is cut into pieces", async () => {
  const line = `{"step": 1, "loss": 0.25}\n`;
  const piece = 1024 * 1024;
  for (const before of [piece - 20, piece - 12, piece - 3, piece, 2 * piece - 230, 2 * piece - 5]) {
    const lines = Math.floor(before / line.length);
    const padding = `{"pad": "${"x".repeat(before - lines * line.length)}"}\n`;
    const file = written(`${line.repeat(lines)}${padding}{"loss": -Infinity}\n${line}`);
    expect(await firstNotFinite(file)).toEqual({ line: lines + 2, name: "loss", value: "-Infinity" });
  }
});

test.each([
  [`{"note": "NaN", "why": "loss is NaN now"}\n`, null],
  [`{"losses": [1, NaN]}\n`, { line: 1, name: null, value: "NaN" }],
  [`{"a": "NaN"}\n{"a": NaN}`, { line: 2, name: "a", value: "NaN" }],
  ["", null],
])("%j", async (text, found) => {
  expect(await firstNotFinite(written(text))).toEqual(found);
});

test("no such file is no finding", async () => {
  expect(await firstNotFinite(join(freshDir(), "none.jsonl"))).toBeNull();
});
