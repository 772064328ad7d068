import { expect, test } from "vitest";
import { longDuration, shortDuration } from "../../src/core/duration.js";
import { usd } from "../../src/core/money.js";

test.each([
  [0, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [8_000_000, "2h13"],
  [276_000_000, "3d04"],
  [100 * 86_400_000, "100d"],
  [-5, "0s"],
  [null, "–"],
  [Number.NaN, "–"],
])("%s ms is short %s", (ms, text) => expect(shortDuration(ms)).toBe(text));

test("long durations read as a sentence's words", () => {
  expect(longDuration(8_000_000)).toBe("2 h 13 min");
  expect(longDuration(6 * 3_600_000 + 59_999)).toBe("6 h");
  expect(longDuration(48 * 3_600_000)).toBe("2 d");
  expect(longDuration(undefined)).toBe("–");
});

test("money: cents always, unknown never zero, estimates marked", () => {
  expect(usd(1234.5)).toBe("$1,234.50");
  expect(usd(0)).toBe("$0.00");
  expect(usd(null)).toBe("–");
  expect(usd(2.5, { estimate: true })).toBe("~$2.50");
  expect(usd(-1)).toBe("-$1.00");
});
