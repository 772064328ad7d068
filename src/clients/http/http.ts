import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher, request } from "undici";
import type { z } from "zod";
import { type Failure, FailureError } from "../../core/failure.js";
import { failureOf } from "./error-body.js";
import { redact } from "./redact.js";
import { retryDelayMs } from "./retry.js";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface Call<T> {
  readonly expect: z.ZodType<T>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** The one door to the network: auth, retries, time limits, decoding and redaction live behind it. Rejects with FailureError only. */
export interface Http {
  get<T>(path: string, call: Call<T>): Promise<T>;
  post<T>(path: string, call: Call<T>): Promise<T>;
  patch<T>(path: string, call: Call<T>): Promise<T>;
  delete<T>(path: string, call: Call<T>): Promise<T>;
  close(): Promise<void>;
}

export interface HttpOptions {
  /** Without a trailing slash; paths are appended. Asked before each request, since a restarted lab may have moved. */
  readonly baseUrl: () => string;
  readonly token: () => string | undefined;
  readonly timeoutMs?: number;
  readonly dispatcher?: Dispatcher;
  readonly userAgent?: string;
}

/** A transport on undici. GET and DELETE are repeated by the retry table, POST and PATCH never. */
export function createHttp(options: HttpOptions): Http {
  const own = options.dispatcher === undefined ? new Agent({ keepAliveTimeout: 30_000, connections: 4 }) : undefined;
  const dispatcher = options.dispatcher ?? own;
  const timeoutMs = options.timeoutMs ?? 15_000;

  async function once(method: Method, url: string, call: Call<unknown>): Promise<Answer> {
    const token = options.token();
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const response = await request(url, {
        method,
        ...(dispatcher === undefined ? {} : { dispatcher }),
        signal: call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]),
        headers: {
          accept: "application/json",
          "user-agent": options.userAgent ?? "hubify-tui",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
      });
      return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
    } catch (error) {
      throw new FailureError(networkFailure(error, { url, timeoutMs, signal: call.signal }), { cause: error });
    }
  }

  async function send<T>(method: Method, path: string, call: Call<T>): Promise<T> {
    const repeatable = method === "GET" || method === "DELETE";
    for (let attempt = 1; ; attempt++) {
      let failure: Failure;
      let delayMs: number | null;
      const retry = (status: number | null, retryAfter?: string) =>
        repeatable ? retryDelayMs(attempt, status, { retryAfter, nowMs: Date.now(), random: Math.random() }) : null;
      try {
        const answer = await once(method, options.baseUrl() + withQuery(path, call.query), call);
        if (answer.status < 400) return decode(answer, call.expect, path);
        failure = failureOf(answer.status, redact(answer.text, secretsOf(options)), header(answer, "x-request-id"));
        delayMs = retry(answer.status, header(answer, "retry-after"));
      } catch (error) {
        if (!(error instanceof FailureError) || error.failure.kind !== "network") throw error;
        failure = error.failure;
        delayMs = retry(null);
      }
      if (delayMs === null) throw new FailureError(failure);
      await sleep(delayMs, undefined, call.signal === undefined ? {} : { signal: call.signal });
    }
  }

  return {
    get: (path, call) => send("GET", path, call),
    post: (path, call) => send("POST", path, call),
    patch: (path, call) => send("PATCH", path, call),
    delete: (path, call) => send("DELETE", path, call),
    close: async () => own?.destroy(),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  readonly text: string;
}

const secretsOf = (options: HttpOptions) => [options.token() ?? ""];

function header(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function withQuery(path: string, query: Call<unknown>["query"]): string {
  const entries = Object.entries(query ?? {}).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined,
  );
  if (entries.length === 0) return path;
  return `${path}?${new URLSearchParams(entries.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
}

function decode<T>(answer: Answer, expect: z.ZodType<T>, path: string): T {
  let json: unknown;
  try {
    json = answer.text === "" ? undefined : JSON.parse(answer.text);
  } catch (error) {
    const message = `${path}: the server's answer is not JSON`;
    throw new FailureError({ kind: "decode", message, status: answer.status }, { cause: error });
  }
  const parsed = expect.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined ? "" : ` at ${issue.path.join(".") || "the top"}: ${issue.message}`;
  throw new FailureError({ kind: "decode", message: `${path}: unexpected answer${where}`, status: answer.status });
}

function networkFailure(
  error: unknown,
  at: { url: string; timeoutMs: number; signal: AbortSignal | undefined },
): Failure {
  const { host } = new URL(at.url);
  if (at.signal?.aborted === true) return { kind: "aborted", message: "cancelled" };
  const name = error instanceof Error ? error.name : "";
  if (name === "TimeoutError") {
    return { kind: "timeout", message: `${host} did not answer in ${at.timeoutMs / 1000} s`, hint: "try again" };
  }
  const code = (error as { code?: unknown }).code;
  const reason = typeof code === "string" ? code : error instanceof Error ? error.message : String(error);
  return { kind: "network", message: `cannot reach ${host}: ${reason}`, hint: "is the lab running?" };
}
