import { expect, test } from "vitest";
import { checksum } from "../../src/core/checksum.js";
import { grouped } from "../../src/core/grouped.js";

test("thousands are grouped as en-US groups them", () => {
  const intl = new Intl.NumberFormat("en-US");
  for (const value of [0, 7, 999, 1000, 12_431, 999_999, 1_000_000, 1_234_567_890, -1, -999, -1000, -123_456]) {
    expect(grouped(value)).toBe(intl.format(value));
  }
  expect(grouped(1234.5, 2)).toBe("1,234.50");
  expect(grouped(0.005, 2)).toMatch(/^0\.0[01]$/);
});

test("a checksum tells texts apart by a single letter and by their order", () => {
  expect(checksum("")).toBe("811c9dc5");
  // The published FNV-1a value of "foobar".
  expect(checksum("foobar")).toBe("bf9cf968");
  expect(checksum("foobaz")).not.toBe(checksum("foobar"));
  expect(checksum("ab")).not.toBe(checksum("ba"));
});
