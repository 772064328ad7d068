import { hash } from "node:crypto";
import { convexToJson, type Value } from "convex/values";
import type { QueryResult } from "./backend.js";
import { errorIdentity, functionError } from "./function-error.js";

/** What follows the queryId in a modification, as JSON text without the braces. */
export interface AnswerBody {
  readonly type: "QueryUpdated" | "QueryFailed";
  readonly fields: string;
}

/** One result of a query, ready to send; equal results have equal hashes. */
export interface Answer extends AnswerBody {
  readonly hash: string;
  readonly journal: string | null;
}

/** A value as Convex JSON text; throws on what a client would refuse (bad field names, dates, class instances). */
export function encodeValue(value: unknown): string {
  return JSON.stringify(convexToJson((value ?? null) as Value));
}

/** Never throws: a value that can't be encoded becomes a failed query. */
export function toAnswer(result: QueryResult, redact: boolean): Answer {
  const logLines = result.logLines ?? [];
  if ("error" in result) return failedAnswer(result.error, { logLines, redact });
  try {
    const journal = result.journal ?? null;
    const json = result.json ?? encodeValue(result.value);
    const rest = JSON.stringify({ logLines, journal }).slice(1, -1);
    const fields = `"value":${json},${rest}`;
    return { type: "QueryUpdated", fields, journal, hash: hash("sha1", fields, "base64") };
  } catch (error) {
    return failedAnswer(error, { logLines, redact });
  }
}

/** A failed query. Its text holds a random request id, which is why the hash is of the error itself. */
export function failedAnswer(error: unknown, options: { redact: boolean; logLines?: readonly string[] }): Answer {
  const { message, data } = functionError(error, options.redact);
  const fields = JSON.stringify({
    errorMessage: message,
    ...(data === undefined ? {} : { errorData: data }),
    logLines: options.logLines ?? [],
    journal: null,
  }).slice(1, -1);
  return { type: "QueryFailed", fields, journal: null, hash: hash("sha1", `error ${errorIdentity(error)}`, "base64") };
}
