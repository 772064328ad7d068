/** Why something failed, in words a pane can show and a test can match. */
export const failureKinds = [
  "auth",
  "forbidden",
  "notFound",
  "conflict",
  "invalid",
  "rateLimit",
  /** The account behind the key has no money left for it. */
  "payment",
  /** Nothing of what was asked for is free at the moment. */
  "noCapacity",
  /** The API itself was switched off. */
  "gone",
  "server",
  "network",
  "timeout",
  "aborted",
  "decode",
  "unsupported",
  "local",
] as const;
export type FailureKind = (typeof failureKinds)[number];

/** A failure as a value: what failed, why, and what the person can do now. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  /** What to do now, as a short imperative; absent where nothing helps. */
  readonly hint?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
}

/** The one error class that crosses a port. Clients reject with it and with nothing else. */
export class FailureError extends Error {
  override readonly name = "FailureError";
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** Anything thrown, as a Failure; what is not ours is `local` with its message. */
export function toFailure(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  return { kind: "local", message: error instanceof Error ? error.message : String(error) };
}
