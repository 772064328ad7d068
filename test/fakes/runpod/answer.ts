/** What a route says; the server writes it out, with rate limits and a request id. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  /** Sent as it is instead of JSON; for gateways that answer HTML. */
  readonly text?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Takes the response over after its head was sent; for streams that do not end. */
  readonly stream?: (write: StreamWriter) => void;
}

/** One open answer, as far as a stream needs it. */
export interface StreamWriter {
  write(chunk: string | Buffer): void;
  /** Breaks the connection without an end of body. */
  destroy(): void;
  onClose(listener: () => void): void;
}

/** Thrown by a route: becomes a problem+json answer. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly errors: readonly string[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    more: { errors?: readonly string[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.status = status;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/** An error as RFC 9457 wants it. */
export function problem(refusal: Refusal): Answer {
  const { status, message: detail, errors, headers } = refusal;
  return {
    status,
    json: { title: titles[status] ?? "Error", status, detail, ...(errors === undefined ? {} : { errors }) },
    contentType: "application/problem+json",
    headers,
  };
}

export const ok = (json: unknown): Answer => ({ status: 200, json });
export const created = (json: unknown): Answer => ({ status: 201, json });
export const noContent: Answer = { status: 204 };
