import { expect, test } from "vitest";
import { MetricPattern } from "../../../src/contract/template.js";
import { createPatternReader } from "../../../src/lab/capture/pattern-reader.js";

const pattern = (more: object) => MetricPattern.parse({ name: "m", pattern: "x=(\\S+)", ...more });
const valuesOf = (more: object, line: string) =>
  createPatternReader(
    [pattern(more)],
    () => undefined,
  )([line]).map((event) => (event.kind === "metric" ? [event.name, event.value, event.step] : event.kind));

test.each<[object, string, unknown[]]>([
  [{}, "x=1,234.5 y", [["m", 1234.5, null]]],
  [{ pattern: "x=(?<unit>\\w+) (?<value>\\S+)" }, "x=eV 3", [["m", 3, null]]],
  [{ pattern: "(\\w)=(?<far>\\d+)", group: "far" }, "x=7", [["m", 7, null]]],
  [{ pattern: "(\\d+)/(\\d+)", group: 2 }, "3/4", [["m", 4, null]]],
  [{ pattern: "it (?<step>\\d+): (?<v>\\S+)" }, "it 12: -1e-3", [["m", -0.001, 12]]],
  [{ type: "percent" }, "x=12.5%", [["m", 0.125, null]]],
  [{ type: "duration" }, "x=1:02:03", [["m", 3723, null]]],
  [{ type: "duration", pattern: "in (.+)" }, "in 4.5 min", [["m", 270, null]]],
  [{ type: "duration", pattern: "in (.+)" }, "in 250ms", [["m", 0.25, null]]],
  [{}, "x=nan", [["m", Number.NaN, null]]],
  [{}, "x=many", []],
  [{}, "x=1\rx=2", [["m", 2, null]]],
  [{}, "x=\u001b[31m5\u001b[0m", [["m", 5, null]]],
  [{}, `${" ".repeat(5000)}x=5`, []],
])("%j reads %j", (more, line, values) => {
  expect(valuesOf(more, line)).toEqual(values);
});

test("a pattern that backtracks for ever is interrupted and dropped; the others go on", () => {
  const dropped: string[] = [];
  const read = createPatternReader([pattern({ name: "slow", pattern: "(a+)+b" }), pattern({})], (name) =>
    dropped.push(name),
  );
  const lines = [`${"a".repeat(60)}c`, "x=1"];
  const startedAt = performance.now();
  for (let look = 0; look < 6; look++) expect(read(lines)).toHaveLength(1);
  expect(performance.now() - startedAt).toBeLessThan(2000);
  expect(dropped).toEqual(["slow"]);
});
