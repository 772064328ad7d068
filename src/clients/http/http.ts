import type { z } from "zod";
import { type Failure, FailureError } from "../../core/failure.js";
import type { UploadedFile } from "../../core/uploaded-file.js";
import { type Answer, decode } from "./answer.js";
import { multipart } from "./multipart.js";
import { type HeaderOf, hubifyRetry, type RetryPolicy, type Try } from "./retry.js";
import { type ClientTime, systemTime } from "./time.js";
import { createWire, defaultTimeoutMs, headerOf, type Wire, type WireOptions } from "./wire.js";

type Method = Exclude<Try["method"], "HEAD">;
type QueryValue = string | number | boolean | readonly string[] | undefined;

export interface Call<T> {
  /** What comes back; `z.void()` where nothing does. */
  readonly expect: z.ZodType<T>;
  /** A list is sent as one value with commas. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Where the server needs longer than usual to be sure. */
  readonly timeoutMs?: number;
}

export interface UploadCall<T> {
  readonly expect: z.ZodType<T>;
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly file: UploadedFile;
  readonly signal: AbortSignal;
}

export interface StreamCall {
  readonly query?: Call<unknown>["query"] | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Media type that is wanted; an event stream without it. */
  readonly accept?: string | undefined;
  readonly signal: AbortSignal;
}

const eventStream = "text/event-stream";

/** The one door to the network: auth, retries, time limits, decoding and redaction live behind it. Rejects with FailureError only. */
export interface Http {
  get<T>(path: string, call: Call<T>): Promise<T>;
  post<T>(path: string, call: Call<T>): Promise<T>;
  put<T>(path: string, call: Call<T>): Promise<T>;
  patch<T>(path: string, call: Call<T>): Promise<T>;
  delete<T>(path: string, call: Call<T>): Promise<T>;
  /** Posts a file with fields as multipart/form-data; one try, without a time limit. */
  upload<T>(path: string, call: UploadCall<T>): Promise<T>;
  /**
   * Opens an event stream, or another answer that is long, on a connection of its own; one try. Resolves with its bytes as they come, without a time limit,
   * once the server has said that it is one. Reading rejects with FailureError when the connection is lost.
   */
  stream(path: string, call: StreamCall): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}

export interface HttpOptions extends WireOptions {
  readonly retry?: RetryPolicy;
  readonly time?: ClientTime;
}

/** A transport on undici. What is tried again, and when, says `retry`; hubify's policy unless told otherwise. */
export function createHttp(options: HttpOptions): Http {
  const wire = createWire(options);
  const { timeoutMs = defaultTimeoutMs, retry = hubifyRetry, time = systemTime } = options;

  async function once(method: Method, path: string, call: Call<unknown>): Promise<Answer> {
    const limit = AbortSignal.timeout(call.timeoutMs ?? timeoutMs);
    const response = await wire.open(method, withQuery(path, call.query), {
      signal: call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]),
      callerSignal: call.signal,
      limitMs: call.timeoutMs,
      ...(call.body === undefined
        ? {}
        : { body: JSON.stringify(call.body), headers: { "content-type": "application/json" } }),
    });
    try {
      const text = await response.body.text();
      return { status: response.statusCode, header: headerOf(response.headers), text };
    } catch (error) {
      throw wire.lost(error, call.signal, call.timeoutMs);
    }
  }

  async function send<T>(method: Method, path: string, call: Call<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const tried = (status: number | null, header: HeaderOf) =>
        retry({ method, attempt, status, header, nowMs: time.now(), random: time.random() });
      let failure: Failure;
      let delayMs: number | null;
      try {
        const answer = await once(method, path, call);
        if (answer.status < 300) return decode(answer, call.expect, path);
        failure = wire.refusal(answer);
        delayMs = tried(answer.status, answer.header);
      } catch (error) {
        if (!(error instanceof FailureError) || error.failure.kind !== "network") throw error;
        failure = error.failure;
        delayMs = tried(null, () => undefined);
      }
      if (delayMs === null) throw new FailureError(failure);
      await time.sleep(delayMs, call.signal).catch((error: unknown) => {
        throw wire.lost(error, call.signal);
      });
    }
  }

  async function stream(
    path: string,
    { query, headers, signal, accept = eventStream }: StreamCall,
  ): Promise<AsyncIterable<Uint8Array>> {
    const response = await wire.open("GET", withQuery(path, query), {
      signal,
      callerSignal: signal,
      headers: { accept, "cache-control": "no-store", ...headers },
      isStream: true,
    });
    const { statusCode: status, body } = response;
    const header = headerOf(response.headers);
    // Thrown away half read, it would tell of that as an error nobody listens to.
    body.on("error", () => undefined);
    if (status !== 200) {
      const limit = setTimeout(() => body.destroy(), timeoutMs);
      const text = await body.text().catch(() => "");
      clearTimeout(limit);
      throw new FailureError(wire.refusal({ status, header, text }));
    }
    if (header("content-type")?.startsWith(accept) !== true) {
      body.destroy();
      throw otherType(path, { accept, status });
    }
    return bytesOf(body, (error) => wire.lost(error, signal));
  }

  return {
    get: (path, call) => send("GET", path, call),
    post: (path, call) => send("POST", path, call),
    put: (path, call) => send("PUT", path, call),
    patch: (path, call) => send("PATCH", path, call),
    delete: (path, call) => send("DELETE", path, call),
    upload: (path, call) => upload(wire, path, call),
    stream,
    close: wire.close,
  };
}

function otherType(path: string, { accept, status }: { accept: string; status: number }): FailureError {
  const wanted = accept === eventStream ? "event stream" : accept;
  return new FailureError({ kind: "decode", message: `${path}: the server's answer is no ${wanted}`, status });
}

async function upload<T>(wire: Wire, path: string, { expect, fields, file, signal }: UploadCall<T>): Promise<T> {
  const { contentType, body } = multipart(fields, file);
  const headers = { "content-type": contentType };
  const response = await wire.open("POST", path, { signal, callerSignal: signal, headers, body });
  const text = await response.body.text().catch((error: unknown) => {
    throw wire.lost(error, signal);
  });
  const answer = { status: response.statusCode, header: headerOf(response.headers), text };
  if (answer.status >= 300) throw new FailureError(wire.refusal(answer));
  return decode(answer, expect, path);
}

async function* bytesOf(
  body: AsyncIterable<Uint8Array>,
  lost: (error: unknown) => FailureError,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw lost(error);
  }
}

function withQuery(path: string, query: Call<unknown>["query"]): string {
  const entries = Object.entries(query ?? {}).filter(
    (entry): entry is [string, Exclude<QueryValue, undefined>] => entry[1] !== undefined,
  );
  if (entries.length === 0) return path;
  return `${path}?${new URLSearchParams(entries.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
}
