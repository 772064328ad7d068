import { type GenericValidator, v } from "convex/values";
import { describe, expect, test } from "vitest";
import { validateArgs } from "../../../src/lab/sync/validate-args.js";

const shape = v.object({
  name: v.string(),
  size: v.optional(v.number()),
  tags: v.optional(v.array(v.union(v.literal("a"), v.null()))),
  by: v.optional(v.record(v.string(), v.int64())),
  deep: v.optional(v.object({ flag: v.boolean(), raw: v.optional(v.bytes()) })),
});

function fault(args: unknown, validator: GenericValidator = shape): string | null {
  try {
    validateArgs(validator, args);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("arguments", () => {
  test.each([
    { name: "n" },
    { name: "n", size: Number.NaN },
    { name: "n", size: undefined },
    { name: "n", tags: ["a", null] },
    { name: "n", by: { x: 1n } },
    { name: "n", deep: { flag: false, raw: new ArrayBuffer(2) } },
  ])("fit: %o", (args) => expect(fault(args)).toBeNull());

  test("a missing field is named, with what came and what was wanted", () => {
    expect(fault({ size: 1 }, v.object({ name: v.string(), size: v.number() }))).toBe(
      "ArgumentValidationError: Object is missing the required field `name`. Consider wrapping the field validator in " +
        '`v.optional(...)` if this is expected.\n\nObject: {"size":1}\nValidator: v.object({name: v.string(), size: v.float64()})',
    );
  });

  test.each([
    [{ name: "n", other: 1 }, "Object contains extra field `other` that is not in the validator."],
    [{ name: 3 }, "Value does not match validator.\nPath: .name\nValue: 3\nValidator: v.string()"],
    [{ name: "n", size: "3" }, "Path: .size"],
    [{ name: "n", size: 3n }, "Path: .size"],
    [{ name: "n", tags: ["a", "b"] }, 'Path: .tags[1]\nValue: "b"\nValidator: v.union(v.literal("a"), v.null())'],
    [{ name: "n", by: { x: 1 } }, "Path: .by.x"],
    [{ name: "n", by: [] }, "Validator: v.optional(v.record(v.string(), v.int64()))"],
    [{ name: "n", deep: {} }, "Object is missing the required field `flag`."],
    [{ name: "n", deep: { flag: true, raw: "x" } }, "Path: .deep.raw"],
  ])("do not fit: %o", (args, words) => expect(fault(args)).toContain(words));

  test("a long value is cut", () => {
    expect(fault({ name: ["x".repeat(5000)] })?.length).toBeLessThan(600);
  });
});
