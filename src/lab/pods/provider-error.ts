import type { ErrorCode } from "../../contract/envelope.js";
import { type Failure, type FailureKind, toFailure } from "../../core/failure.js";
import { LabError } from "../lab-error.js";

/** A provider's refusal of its key is none of the lab's token: it is no 401 here, or a client would throw its token away. */
const codes: Readonly<Partial<Record<FailureKind, ErrorCode>>> = {
  notFound: "not_found",
  invalid: "validation_error",
  rateLimit: "rate_limited",
  server: "server_error",
  network: "server_error",
  timeout: "server_error",
  decode: "server_error",
};

/** What a provider said, as a refusal of the lab, with what to do and the provider's request id. */
export function refusalOf(error: unknown, before = ""): LabError {
  if (error instanceof LabError) return error;
  const failure = toFailure(error);
  return new LabError(codes[failure.kind] ?? "conflict", `${before}${failureWords(failure)}`, { cause: error });
}

export function failureWords({ message, hint, requestId }: Failure): string {
  const how = hint === undefined ? "" : `; ${hint}`;
  return `${message}${how}${requestId === undefined ? "" : ` (request ${requestId})`}`;
}

/** No connection came about, so nothing was asked. */
const neverSent = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH/;

/** The answer was lost: what was asked for may have happened, or may yet. */
export function isUncertain(error: unknown): boolean {
  const { kind, message } = toFailure(error);
  if (kind === "network") return !neverSent.test(message);
  return kind === "timeout" || kind === "decode" || kind === "server";
}
