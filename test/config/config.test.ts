import { expect, test } from "vitest";
import { parseConfig } from "../../src/config/config.js";
import { FailureError } from "../../src/core/failure.js";

const failureOf = (text: string) => {
  try {
    parseConfig("config.json", text);
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("was accepted");
};

test("an empty file and a file with comments are fine", () => {
  expect(parseConfig("config.json", "").theme).toBe("auto");
  expect(parseConfig("config.json", '{\n  // mine\n  "theme": "light",\n}').theme).toBe("light");
});

test("a syntax error names file and line", () => {
  expect(failureOf('{\n  "theme": "dark"\n  "charts": "block"\n}').message).toBe("config.json:3: CommaExpected");
});

test("a wrong value names file, line and field", () => {
  const failure = failureOf('{\n  "lab": {\n    "cpuSlots": -1\n  }\n}');
  expect(failure.message).toMatch(/^config\.json:3: lab\.cpuSlots: /);
});

test("an unknown field names the nearest one", () => {
  expect(failureOf('{\n  "them": "dark"\n}')).toMatchObject({
    message: "config.json:2: them: there is no such field",
    hint: 'did you mean "theme"?',
  });
  expect(failureOf('{ "lab": { "cpuSlot": 2 } }')).toMatchObject({ hint: 'did you mean "cpuSlots"?' });
});
