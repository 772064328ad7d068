import type { z } from "zod";
import { type Failure, FailureError } from "../../core/failure.js";
import type { HeaderOf } from "./retry.js";

/** An answer that was read to its end. */
export interface Answer {
  readonly status: number;
  readonly header: HeaderOf;
  readonly text: string;
}

/** The body as what was expected; an empty one is `undefined`. Throws FailureError, which never quotes the body. */
export function decode<T>(answer: Answer, expect: z.ZodType<T>, path: string): T {
  const { status } = answer;
  const requestId = answer.header("x-request-id");
  let json: unknown;
  try {
    json = answer.text === "" ? undefined : JSON.parse(answer.text);
  } catch (error) {
    const message = `${path}: the server's answer is not JSON`;
    throw new FailureError({ kind: "decode", message, status, requestId }, { cause: error });
  }
  const parsed = expect.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined ? "" : ` at ${issue.path.join(".") || "the top"}: ${issue.message}`;
  throw new FailureError({ kind: "decode", message: `${path}: unexpected answer${where}`, status, requestId });
}

export interface RequestFacts {
  readonly url: string;
  readonly timeoutMs: number;
  /** The caller's: aborted means cancelled. */
  readonly signal: AbortSignal | undefined;
}

/** Why a request got no answer. */
export function networkFailure(error: unknown, { url, timeoutMs, signal }: RequestFacts): Failure {
  const { host } = new URL(url);
  if (signal?.aborted === true) return { kind: "aborted", message: "cancelled" };
  const { name, code } = (typeof error === "object" && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
  };
  if (name === "TimeoutError" || name === "HeadersTimeoutError") {
    return { kind: "timeout", message: `${host} did not answer in ${timeoutMs / 1000} s`, hint: "try again" };
  }
  const reason = typeof code === "string" ? code : error instanceof Error ? error.message : String(error);
  return { kind: "network", message: `cannot reach ${host}: ${reason}`, hint: "is the lab running?" };
}
