import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { type ErrorCode, errorStatuses } from "../../contract/envelope.js";
import { LabError } from "../lab-error.js";

/** The documented error envelope. */
export function refuse(context: Context, code: ErrorCode, message: string): Response {
  const status = errorStatuses[code];
  return context.json({ error: { code, message, status } }, status);
}

/** What is thrown as an answer; null for what the lab did not mean, which is a bare 500. */
export function toRefusal(error: unknown): LabError | null {
  if (error instanceof LabError) return error;
  if (!(error instanceof HTTPException)) return null;
  if (error.status === 413) return new LabError("payload_too_large", error.message);
  if (error.status === 400) return new LabError("validation_error", `body: ${error.message}`);
  return null;
}
