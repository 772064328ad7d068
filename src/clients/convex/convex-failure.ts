import { ConvexError } from "convex/values";
import { z } from "zod";
import type { ErrorCode } from "../../contract/envelope.js";
import type { Failure, FailureKind } from "../../core/failure.js";

/** What a lab's functions put into a ConvexError. */
const ErrorData = z.looseObject({ code: z.string(), message: z.string() });

const kindOfCode: Readonly<Record<ErrorCode, FailureKind>> = {
  unauthorized: "auth",
  forbidden: "forbidden",
  not_found: "notFound",
  conflict: "conflict",
  precondition_failed: "conflict",
  unsupported_media_type: "invalid",
  payload_too_large: "invalid",
  validation_error: "invalid",
  rate_limited: "rateLimit",
  server_error: "server",
};

/** By the words of a real Convex backend; first match wins. */
const kindOfText: readonly (readonly [RegExp, FailureKind])[] = [
  [/Could not find (public )?function|Trying to execute .* as /, "unsupported"],
  [/ArgumentValidationError|Arguments .* (must be|too large)/, "invalid"],
  [/Unauthenticated|InvalidAuthHeader|Not authenticated/i, "auth"],
  [/Connection lost while action was in flight/, "network"],
  [/TooManyConcurrentRequests|TooManyWrites|TooManySubscriptions/, "rateLimit"],
];

/** An error of the Convex client as a Failure, without the client's decoration. */
export function convexFailure(error: unknown): Failure {
  const text = error instanceof Error ? error.message : String(error);
  const requestId = /\[Request ID: ([^\]]+)\]/.exec(text)?.[1];
  const data = error instanceof ConvexError ? ErrorData.safeParse(error.data) : null;
  if (data?.success === true) {
    const kind = Object.hasOwn(kindOfCode, data.data.code) ? kindOfCode[data.data.code as ErrorCode] : "server";
    return { kind, message: data.data.message, requestId };
  }
  const kind = kindOfText.find(([pattern]) => pattern.test(text))?.[1] ?? "server";
  return { kind, message: plainText(text), requestId };
}

/** `[CONVEX Q(a:b)] [Request ID: x] Server Error\nUncaught Error: boom\n  Called by client` → `boom`. */
function plainText(text: string): string {
  const plain = text
    .replace(/^\[CONVEX [^\]]*\]\s*/, "")
    .replace(/^\[Request ID: [^\]]*\]\s*/, "")
    .replace(/^Server Error\n/, "")
    .replace(/^Uncaught (Error: )?/, "")
    .replace(/\s*Called by client\s*$/, "")
    .trim();
  return plain === "" ? "the server gave no reason" : plain;
}
