import type { FailureKind } from "../core/failure.js";

/** Exit codes of every one-shot command (hubify-api §6.2 takes them from the vendor's cli-spec.yaml). */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  auth: 3,
  forbidden: 4,
  notFound: 5,
  conflict: 6,
  rateLimit: 7,
  network: 8,
  interrupted: 130,
} as const;

const byKind: Readonly<Partial<Record<FailureKind, number>>> = {
  auth: exitCodes.auth,
  forbidden: exitCodes.forbidden,
  notFound: exitCodes.notFound,
  conflict: exitCodes.conflict,
  invalid: exitCodes.usage,
  rateLimit: exitCodes.rateLimit,
  network: exitCodes.network,
  timeout: exitCodes.network,
};

export const exitCodeOf = (kind: FailureKind): number => byKind[kind] ?? exitCodes.failed;

/** For `--help` and the README. */
export const exitCodesText =
  "Exit codes: 0 ok · 1 failed · 2 usage or invalid input · 3 not authenticated · 4 not permitted · 5 not found · 6 conflict · 7 rate limit · 8 network · 130 interrupted (`-f` ended by Ctrl-C is 0)";
