import { HTTPException } from "hono/http-exception";
import { LabError } from "../lab-error.js";

/** What is thrown as an answer; null for what the lab did not mean, which is a bare 500. */
export function toRefusal(error: unknown): LabError | null {
  if (error instanceof LabError) return error;
  if (!(error instanceof HTTPException)) return null;
  if (error.status === 413) return new LabError("payload_too_large", error.message);
  if (error.status === 400) return new LabError("validation_error", `body: ${error.message}`);
  return null;
}
