import { type ErrorCode, errorStatuses } from "../contract/envelope.js";

/** Of what a refusal repeats: the beginning is enough to find it again. */
const longestWord = 200;

const short = (message: string) =>
  message.length <= longestWord
    ? message
    : message.replace(/\S{201,}/g, (word) => `${word.slice(0, longestWord)}… (${word.length} characters)`);

/** A refusal the lab means. Anything else that is thrown becomes a bare `server_error` without details. */
export class LabError extends Error {
  override readonly name = "LabError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(short(message), options);
    this.code = code;
  }

  get status(): number {
    return errorStatuses[this.code];
  }
}
