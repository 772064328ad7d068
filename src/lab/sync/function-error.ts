import { randomBytes } from "node:crypto";
import { ConvexError, convexToJson, type JSONValue, type Value } from "convex/values";
import { CallError } from "./backend.js";

/** A failed function as a client sees it. */
export interface FunctionError {
  readonly message: string;
  /** Of a ConvexError: its data as Convex JSON. */
  readonly data?: JSONValue | undefined;
}

/**
 * Words and data of anything a function threw, in the form Convex gives them. `redact` leaves nothing but the data of a ConvexError,
 * as a production deployment does. The text carries a fresh request id, so compare errors by {@link errorIdentity}.
 */
export function functionError(error: unknown, redact: boolean): FunctionError {
  const head = `[Request ID: ${randomBytes(8).toString("hex")}] Server Error`;
  const data = errorData(error);
  return { message: redact ? head : `${head}\n${errorText(error)}`, ...(data === undefined ? {} : { data }) };
}

/** Equal for two errors a client could not tell apart but for their request id. */
export function errorIdentity(error: unknown): string {
  return `${errorText(error)}\n${JSON.stringify(errorData(error))}`;
}

function errorData(error: unknown): JSONValue | undefined {
  if (!(error instanceof ConvexError)) return undefined;
  try {
    return convexToJson(error.data as Value);
  } catch {
    return undefined; // data that is no Convex value: the text has to do
  }
}

function errorText(error: unknown): string {
  if (error instanceof CallError) return error.message;
  if (error instanceof Error) return `Uncaught ${error.name}: ${error.message}`;
  return `Uncaught ${String(error)}`;
}
