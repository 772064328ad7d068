import { type ErrorCode, errorStatuses } from "../contract/envelope.js";

/** A refusal the lab means. Anything else that is thrown becomes a bare `server_error` without details. */
export class LabError extends Error {
  override readonly name = "LabError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return errorStatuses[this.code];
  }
}
