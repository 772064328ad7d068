import { expect, test } from "vitest";
import { jsonText } from "../../../src/lab/http/json-text.js";

test.each([null, undefined, 1, "a\u2028", [], [1, null], { a: [{ b: 1 }] }, [Object.freeze({ a: 1 }), { b: 2 }]])(
  "%j as JSON.stringify has it",
  (value) => expect(jsonText(value)).toBe(JSON.stringify(value ?? null)),
);

test("the text of a frozen object is made once, that of any other each time", () => {
  let asked = 0;
  const counting = (freeze: boolean) => {
    const value = { toJSON: () => ({ asked: ++asked }) };
    return freeze ? Object.freeze(value) : value;
  };
  const frozen = counting(true);
  expect([jsonText(frozen), jsonText([frozen, frozen])]).toEqual(['{"asked":1}', '[{"asked":1},{"asked":1}]']);
  const open = counting(false);
  expect([jsonText(open), jsonText(open)]).toEqual(['{"asked":2}', '{"asked":3}']);
});
