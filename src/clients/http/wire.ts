import { Readable } from "node:stream";
import { Agent, type Dispatcher, request } from "undici";
import { type Failure, FailureError } from "../../core/failure.js";
import { type Answer, networkFailure } from "./answer.js";
import { failureOf } from "./error-body.js";
import { redact } from "./redact.js";
import type { HeaderOf, Try } from "./retry.js";

export const defaultTimeoutMs = 15_000;

export interface WireOptions {
  /** Without a trailing slash; paths are appended. Asked before each request, since a restarted lab may have moved. */
  readonly baseUrl: () => string;
  readonly token: () => string | undefined;
  /** Of one try. */
  readonly timeoutMs?: number;
  readonly dispatcher?: Dispatcher;
  readonly userAgent?: string;
  /** Of every request; asked before each. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Says a failure in the words of this server's API. */
  readonly refine?: (failure: Failure) => Failure;
  /** Called with every answer, good or bad: for a rate governor. */
  readonly onAnswer?: (status: number, header: HeaderOf) => void;
}

export interface Opening {
  readonly signal: AbortSignal;
  /** Aborted: the caller has cancelled. */
  readonly callerSignal: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** What comes in pieces is sent as it comes. */
  readonly body?: string | AsyncIterable<Uint8Array>;
  readonly isStream?: boolean;
  /** The limit that `signal` holds, where it is not the usual one. */
  readonly limitMs?: number | undefined;
}

/** Single tries over undici, with the token on the way out and without it in any failure. */
export interface Wire {
  /** Resolves when the head of the answer is there, whatever its status. Rejects with FailureError. */
  open(method: Try["method"], path: string, opening: Opening): Promise<Dispatcher.ResponseData>;
  /** An answer that is a refusal, as a failure. */
  refusal(answer: Answer): Failure;
  /** A connection that broke, as a failure. */
  lost(error: unknown, callerSignal: AbortSignal | undefined, limitMs?: number): FailureError;
  close(): Promise<void>;
}

export function createWire(options: WireOptions): Wire {
  const { timeoutMs = defaultTimeoutMs } = options;
  const own = options.dispatcher === undefined ? new Agent({ keepAliveTimeout: 30_000, connections: 4 }) : undefined;
  // Streams last: they must not take the connections of requests.
  let streams: Agent | undefined;
  const dispatcherFor = (isStream: boolean) =>
    options.dispatcher ?? (isStream ? (streams ??= new Agent({ bodyTimeout: 0 })) : own);

  const failed = (failure: Failure): Failure => {
    const refined = options.refine?.(failure) ?? failure;
    return { ...refined, message: redact(refined.message, [options.token() ?? ""]) };
  };
  const lost: Wire["lost"] = (error, signal, limitMs = timeoutMs) =>
    new FailureError(failed(networkFailure(error, { url: options.baseUrl(), timeoutMs: limitMs, signal })), {
      cause: error,
    });

  return {
    open: async (method, path, { signal, callerSignal, headers, body, isStream = false, limitMs }) => {
      const token = options.token();
      const dispatcher = dispatcherFor(isStream);
      try {
        const response = await request(options.baseUrl() + path, {
          method,
          ...(dispatcher === undefined ? {} : { dispatcher }),
          signal,
          headers: {
            accept: "application/json",
            "user-agent": options.userAgent ?? "hubify-tui",
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...options.headers?.(),
            ...headers,
          },
          body: typeof body === "object" ? Readable.from(body) : (body ?? null),
          // A stream that is silent is not dead.
          // Requests have their limit in the signal; undici's own would end a long one before it.
          ...(isStream ? { bodyTimeout: 0, headersTimeout: timeoutMs } : { bodyTimeout: 0, headersTimeout: 0 }),
        });
        options.onAnswer?.(response.statusCode, headerOf(response.headers));
        return response;
      } catch (error) {
        throw lost(error, callerSignal, limitMs);
      }
    },
    refusal: ({ status, text, header }) => failed(failureOf(status, text, header("x-request-id"))),
    lost,
    close: async () => {
      await Promise.all([own?.destroy(), streams?.destroy()]);
    },
  };
}

export const headerOf =
  (headers: Dispatcher.ResponseData["headers"]): HeaderOf =>
  (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
