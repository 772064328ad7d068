import { ConvexError } from "convex/values";
import { expect, test } from "vitest";
import { convexFailure } from "../../../src/clients/convex/convex-failure.js";

const decorated = (text: string) =>
  new Error(`[CONVEX Q(a:b)] [Request ID: 0123456789abcdef] Server Error\n${text}\n  Called by client`);

test.each([
  [decorated("Uncaught Error: boom"), "server", "boom"],
  [decorated("Uncaught TypeError: x is not a function"), "server", "TypeError: x is not a function"],
  [
    decorated("Could not find public function for 'a:b'. Did you forget"),
    "unsupported",
    "Could not find public function",
  ],
  [
    decorated("ArgumentValidationError: Object is missing the required field `x`."),
    "invalid",
    "ArgumentValidationError",
  ],
  [new Error('{"code":"Unauthenticated","message":"Token expired"}'), "auth", "Token expired"],
  [new Error("Connection lost while action was in flight"), "network", "Connection lost"],
  [new Error("[Request ID: 0123456789abcdef] Server Error"), "server", "Server Error"],
  [new ConvexError({ code: "not_found", message: "no EXP-054" }), "notFound", "no EXP-054"],
  [new ConvexError({ code: "unauthorized", message: "a token is needed" }), "auth", "a token is needed"],
  [new ConvexError({ code: "toString", message: "odd" }), "server", "odd"],
  [new ConvexError("only text"), "server", "only text"],
])("%s", (error, kind, message) => {
  const failure = convexFailure(error);
  expect(failure.kind).toBe(kind);
  expect(failure.message).toContain(message);
  expect(failure.message).not.toMatch(/Request ID|\[CONVEX|Called by/);
});

test("the request id is kept for the one who looks it up", () => {
  expect(convexFailure(decorated("Uncaught Error: boom")).requestId).toBe("0123456789abcdef");
});
