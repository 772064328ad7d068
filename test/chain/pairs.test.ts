import fc from "fast-check";
import { expect, test } from "vitest";
import { mightMatter, mightMatterIn, parseLine } from "../../src/chain/lines.js";

const read = (line: string) =>
  parseLine(line).flatMap((event) =>
    event.kind === "metric" ? [`${event.name} ${event.step ?? "-"} ${event.value}`] : [],
  );

test.each<[string, string[]]>([
  ["step=100 lr=1e-4 tok/s=1234.5", ["lr 100 0.0001", "tok/s 100 1234.5"]],
  ["epoch 3 loss 0.21 lr=0.1", ["loss 3 0.21", "lr 3 0.1"]],
  ["loss=0.5, acc=93%, gap=-.5", ["loss - 0.5", "acc - 93", "gap - -0.5"]],
  ["the score is score=0.93.", ["score - 0.93"]],
  ["temperature: 0.7, energy: -12.5e3; flux: 3", ["temperature - 0.7", "energy - -12500", "flux - 3"]],
  ["iter: 7 rate: 2", ["rate 7 2"]],
  ["GET /x?a=1&b=2 HTTP/1.1", []],
  ["running ./train.py --lr=0.1 --epochs=3", []],
  ["started t=2026-11-22 v=1.2.3 at=12:30", []],
  ["max_norm=inf fill=nan name=bao", []],
  ["Note that lr: 0.1 was chosen", []],
  ["R-1 = 30 (would be 2 if all params loaded)", []],
  ["loss=nan", ["loss - NaN"]],
])("%s", (line, metrics) => {
  expect(read(line)).toEqual(metrics);
});

test("the cheap test never misses a line that says something", () => {
  const word = fc.constantFrom("a", "lr", "=", ": ", ":", " ", "1", "-2.5", "e3", "/", "nan", ",", "%");
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const line = words.join("");
      if (read(line).length > 0) {
        expect(mightMatter(line)).toBe(true);
        expect(mightMatterIn(Buffer.from(line))).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

test("a long line of almost pairs takes no time", () => {
  const startedAt = performance.now();
  read(`${"a: 1, ".repeat(10_000)}!`);
  read("a=1".repeat(20_000));
  read(`x${"-".repeat(60_000)}=1`);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
