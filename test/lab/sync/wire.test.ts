import { ConvexError } from "convex/values";
import { describe, expect, test, vi } from "vitest";
import { failedAnswer, toAnswer } from "../../../src/lab/sync/answer.js";
import { CallError } from "../../../src/lab/sync/backend.js";
import { decodeArgs } from "../../../src/lab/sync/call.js";
import { chunkTransition } from "../../../src/lab/sync/chunking.js";
import { functionError } from "../../../src/lab/sync/function-error.js";
import { isLoopbackOrigin } from "../../../src/lab/sync/options.js";
import { callAt } from "../../../src/lab/sync/timer.js";
import { decodeU64, encodeU64 } from "../../../src/lab/sync/u64.js";

describe("u64", () => {
  test.each([0n, 1n, 255n, 256n, 2n ** 63n, 2n ** 64n - 1n])("%d there and back", (ts) => {
    expect(decodeU64(encodeU64(ts))).toBe(ts);
  });
  test("the zero every connection starts at", () => expect(encodeU64(0n)).toBe("AAAAAAAAAAA="));
  test("what is no u64", () => expect(decodeU64("AAAA")).toBeNull());
});

describe("chunks", () => {
  const joined = (frames: readonly string[]) =>
    frames.map((frame) => (JSON.parse(frame) as { chunk: string }).chunk).join("");

  test("a small Transition is one frame, as it is", () => expect(chunkTransition("{}", 5)).toEqual(["{}"]));

  test.each(["x".repeat(1000), "é".repeat(600), "🛰️".repeat(300), `\u0000\u2028"\\`.repeat(200)])(
    "a large one arrives whole",
    (text) => {
      const frames = chunkTransition(text, 300);
      expect(frames.length).toBeGreaterThan(2);
      expect(joined(frames)).toBe(text);
      const parts = frames.map((frame) => JSON.parse(frame) as Record<string, unknown>);
      expect(parts.map(({ partNumber }) => partNumber)).toEqual(parts.map((_, n) => n));
      expect(new Set(parts.map(({ transitionId }) => transitionId)).size).toBe(1);
      expect(parts.every(({ totalParts }) => totalParts === frames.length)).toBe(true);
    },
  );
});

describe("errors", () => {
  const head = /^\[Request ID: [0-9a-f]{16}\] Server Error/;

  test("each kind in its words", () => {
    expect(functionError(new RangeError("too far"), false).message).toMatch(
      /Server Error\nUncaught RangeError: too far$/,
    );
    expect(functionError(new CallError("Could not find it"), false).message).toMatch(
      /Server Error\nCould not find it$/,
    );
    expect(functionError("a string", false).message).toMatch(/Uncaught a string$/);
    const refused = functionError(new ConvexError({ code: 1n }), false);
    expect(refused).toMatchObject({ data: { code: { $integer: "AQAAAAAAAAA=" } } });
    expect(refused.message).toContain("Uncaught ConvexError:");
  });

  test("redacted, nothing but a ConvexError's data is left", () => {
    const { message, data } = functionError(new ConvexError("why"), true);
    expect(message.replace(head, "")).toBe("");
    expect(data).toBe("why");
    expect(functionError(new Error("secret"), true).message).not.toContain("secret");
  });

  test("the same failure twice is the same answer, though its request id differs", () => {
    const [first, second] = [1, 2].map(() => failedAnswer(new Error("boom"), { redact: false }));
    expect(first?.fields).not.toBe(second?.fields);
    expect(first?.hash).toBe(second?.hash);
    expect(failedAnswer(new Error("bang"), { redact: false }).hash).not.toBe(first?.hash);
  });

  test("a value no client could read is a failed query", () => {
    expect(toAnswer({ value: new Date(), topics: [] }, false).type).toBe("QueryFailed");
    expect(toAnswer({ value: { $bad: 1 }, topics: [] }, false).type).toBe("QueryFailed");
    expect(toAnswer({ value: undefined, topics: [] }, false)).toMatchObject({ type: "QueryUpdated" });
  });

  test("JSON that is at hand is taken as it is", () => {
    const made = toAnswer({ value: [1, 2], topics: [] }, false);
    expect(toAnswer({ value: null, json: "[1,2]", topics: [] }, false).hash).toBe(made.hash);
  });
});

describe("arguments on the wire", () => {
  test.each([[[]], [[{}]], [{}]])("%j is no arguments", (args) => expect(decodeArgs(args, 100)).toEqual({}));
  test("encoded values are decoded", () => {
    expect(decodeArgs([{ n: { $integer: "BQAAAAAAAAA=" } }], 100)).toEqual({ n: 5n });
  });
  test.each([
    [[1]],
    [["x"]],
    [[[]]],
    [[{}, {}]],
    ["x"],
    [null],
    [[{ a: "x".repeat(200) }]],
    [[{ n: { $integer: 1 } }]],
  ])("%j is refused", (args) => expect(() => decodeArgs(args, 100)).toThrow(CallError));
});

test("only pages of this machine are let in", () => {
  for (const origin of ["http://localhost:3000", "https://127.0.0.1", "http://127.9.9.9:1", "http://[::1]:80"]) {
    expect(isLoopbackOrigin(origin), origin).toBe(true);
  }
  for (const origin of [
    "https://localhost.evil.test",
    "http://127.0.0.1.evil.test",
    "null",
    "file://",
    "http://10.0.0.1",
  ]) {
    expect(isLoopbackOrigin(origin), origin).toBe(false);
  }
});

test("a timer beyond what setTimeout holds fires once, then", () => {
  vi.useFakeTimers();
  try {
    const dayMs = 24 * 3_600_000;
    const fire = vi.fn();
    callAt(Date.now() + 60 * dayMs, fire);
    vi.advanceTimersByTime(59 * dayMs);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2 * dayMs);
    expect(fire).toHaveBeenCalledTimes(1);
    const cancelled = vi.fn();
    callAt(Date.now() + 60 * dayMs, cancelled)();
    vi.advanceTimersByTime(90 * dayMs);
    expect(cancelled).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});
