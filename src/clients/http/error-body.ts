import type { Failure, FailureKind } from "../../core/failure.js";

const kinds: Readonly<Record<number, FailureKind>> = {
  400: "invalid",
  401: "auth",
  403: "forbidden",
  404: "notFound",
  409: "conflict",
  413: "invalid",
  422: "invalid",
  429: "rateLimit",
};

const hints: Partial<Record<FailureKind, string>> = {
  auth: "the token is missing or no longer valid",
  rateLimit: "the server's request limit is reached; it is tried again later",
};

type Words = Readonly<Record<string, unknown>>;
const isWords = (value: unknown): value is Words => typeof value === "object" && value !== null;

/**
 * An HTTP error answer as a Failure. Accepts every body hubify-api §2 (decision 29) knows:
 * `{error:{code,message}}`, `{message}`, `{detail}` (problem+json), `{error:"…"}`, plain text, HTML.
 */
export function failureOf(status: number, body: string, requestId?: string): Failure {
  const kind = kinds[status] ?? (status >= 500 ? "server" : "invalid");
  return { kind, message: messageOf(body) ?? `the server answered ${status}`, hint: hints[kind], status, requestId };
}

function messageOf(body: string): string | undefined {
  const text = body.trim();
  if (text === "" || text.startsWith("<")) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return text.slice(0, 300);
  }
  if (!isWords(parsed)) return undefined;
  const error = parsed["error"];
  const candidates = [isWords(error) ? error["message"] : undefined, parsed["message"], parsed["detail"], error];
  return candidates.find((candidate): candidate is string => typeof candidate === "string" && candidate !== "");
}
