import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfigOption } from "../../src/cli/config-option.js";
import { toFailure } from "../../src/core/failure.js";

const file = join(mkdtempSync(join(tmpdir(), "hubify-config-")), "config.json");

test("a JSON object, written out or in a file", async () => {
  expect(await readConfigOption('{"seed": 1}')).toEqual({ seed: 1 });
  writeFileSync(file, '{"seed": 2}\n');
  expect(await readConfigOption(`@${file}`)).toEqual({ seed: 2 });
});

test.each([
  ['{"a": 1,}', "--config: line 1, column 9: property name expected"],
  ["{nope", "--config: line 1, column 2: invalid symbol"],
  ["", "--config: line 1, column 1: value expected"],
  ['{"a": // why\n1}', "--config: line 1, column 7: invalid comment token"],
  ["[1]", '--config: must be a JSON object, for example {"script": "run.py"}'],
  ["null", '--config: must be a JSON object, for example {"script": "run.py"}'],
])("%j is refused with its place", async (option, message) => {
  expect(await readConfigOption(option).catch((error: unknown) => toFailure(error))).toMatchObject({
    kind: "invalid",
    message,
  });
});

test("a file is named, with the line", async () => {
  writeFileSync(file, '{\n  "command": "true",\n  "x": tru\n}');
  await expect(readConfigOption(`@${file}`)).rejects.toThrow(`--config ${file}: line 3, column 8: invalid symbol`);
  await expect(readConfigOption("@/not/there")).rejects.toThrow(/--config \/not\/there: ENOENT/);
});
