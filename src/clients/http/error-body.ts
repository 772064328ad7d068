import type { Failure, FailureKind } from "../../core/failure.js";

const kinds: Readonly<Record<number, FailureKind>> = {
  400: "invalid",
  401: "auth",
  402: "payment",
  403: "forbidden",
  404: "notFound",
  409: "conflict",
  410: "gone",
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
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const longestText = 300;
const mostErrors = 20;

/**
 * An HTTP error answer as a Failure. Accepts every body hubify-api §2 (decision 29) knows, and RunPod's:
 * `{error:{code,message}}`, `{message}`, problem+json `{title,detail,errors[]}`, `{error:"…"}`, plain text, HTML.
 */
export function failureOf(status: number, body: string, requestId?: string): Failure {
  const kind = kinds[status] ?? (status >= 500 ? "server" : "invalid");
  const message = printable(messageOf(body) ?? `the server answered ${status}`);
  return { kind, message, hint: hints[kind], status, requestId };
}

function messageOf(body: string): string | undefined {
  const text = body.trim();
  if (text === "" || text.startsWith("<")) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return text.slice(0, longestText);
  }
  if (!isWords(parsed)) return undefined;
  if (isText(parsed["detail"]) || isText(parsed["title"])) return problemOf(parsed);
  const error = parsed["error"];
  const candidates = [isWords(error) ? error["message"] : undefined, parsed["message"], error];
  return candidates.find(isText);
}

/** RFC 9457 in full: title, detail and every single error. */
function problemOf({ title, detail, errors }: Words): string {
  const whole = [title, detail].filter(isText).join(": ");
  const all = Array.isArray(errors) ? errors.filter(isText) : [];
  if (all.length === 0) return whole;
  const more = all.length > mostErrors ? `; and ${all.length - mostErrors} more` : "";
  return `${whole} (${all.slice(0, mostErrors).join("; ")}${more})`;
}

/** Another machine's words go to a terminal: nothing in them may steer it. */
const printable = (text: string) => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
