import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, problem, Refusal } from "./answer.js";
import type { createFaults, Fault } from "./faults.js";
import type { Keys } from "./keys.js";
import { settle } from "./pod-life.js";
import type { createRateLimiter } from "./rate-limit.js";
import { matchPath, type Route } from "./route.js";
import type { World } from "./world.js";

/** One request that was answered, for tests that count them. Never holds a key. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** null: the connection was broken instead. */
  readonly status: number | null;
  readonly at: number;
}

export interface ServerParts {
  readonly world: World;
  readonly routes: readonly Route[];
  readonly keys: Keys;
  readonly faults: ReturnType<typeof createFaults>;
  readonly limiter: ReturnType<typeof createRateLimiter>;
  readonly seen: Seen[];
  /** Whether the service answers at all now. */
  readonly isDown: () => boolean;
  /** Answers requests of `/__control`; null where there is no such door. */
  readonly control: ((token: string, body: unknown) => Answer) | null;
}

/** Listens on loopback; `port` 0 takes a free one. */
export async function listen(parts: ServerParts, port: number): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    serve(parts, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  // A stream of logs stays open for as long as somebody reads it.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function serve(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://fake");
  const body = await readBody(request);
  if (url.pathname === "/__control" && parts.control !== null) {
    send(response, parts.control(String(request.headers["x-control-token"] ?? ""), parsed(body)), {});
    return;
  }
  await serveApi(parts, { method: request.method ?? "GET", url, request, body }, response);
}

async function serveApi(parts: ServerParts, asked: Asked, response: ServerResponse): Promise<void> {
  const { method, url } = asked;
  const fault = parts.isDown() ? lostBefore : (parts.faults.take(method, url.pathname) ?? {});
  if (fault.latencyMs !== undefined) await sleep(fault.latencyMs);
  const headers: Record<string, string> = { "x-request-id": `req_${parts.world.newId(16)}` };
  const answer = fault.lost === "before" ? null : answerOf(parts, { ...asked, fault, headers });
  const sent = fault.lost === undefined ? answer : null;
  const at = parts.world.now();
  parts.seen.push({ method, path: url.pathname, query: url.search, status: sent?.status ?? null, at });
  if (sent === null) response.destroy();
  else send(response, sent, headers, fault.cutAfterBytes);
}

const lostBefore: Fault = { lost: "before" };

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly request: IncomingMessage;
  readonly body: string;
}

interface Incoming extends Asked {
  readonly fault: Fault;
  /** Filled with what every answer carries. */
  readonly headers: Record<string, string>;
}

function answerOf(parts: ServerParts, incoming: Incoming): Answer {
  try {
    return answerOrThrow(parts, incoming);
  } catch (error) {
    if (error instanceof Refusal) return problem(error);
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return problem(new Refusal(500, `the fake itself failed: ${detail}`));
  }
}

function answerOrThrow(parts: ServerParts, { method, url, request, body, fault, headers }: Incoming): Answer {
  if (url.pathname.startsWith("/v1/")) throw new Refusal(410, "REST v1 was retired on 2026-11-15; use /v2");
  const key = parts.keys.authenticate(request.headers.authorization);
  const rate = parts.limiter.count(key);
  Object.assign(headers, rate.headers);
  if (rate.exceeded !== null) {
    const { window, seconds } = rate.exceeded;
    throw new Refusal(429, `rate limit exceeded for the ${window} window`, {
      headers: { "Retry-After": String(seconds) },
    });
  }
  if (fault.status !== undefined || fault.body !== undefined) return faultAnswer(fault);
  const { route, params } = routeOf(parts.routes, method, url.pathname);
  try {
    parts.keys.authorize(key, route.area, method);
  } catch (error) {
    // GraphQL says so in the body of a 200.
    if (route.area !== "graphql") throw error;
    return { status: 200, json: { errors: [{ message: "Unauthorized" }], data: null } };
  }
  settle(parts.world);
  return route.answer({
    world: parts.world,
    params,
    query: url.searchParams,
    headers: request.headers,
    body: method === "GET" || method === "DELETE" ? undefined : jsonOf(body),
  });
}

function faultAnswer(fault: Fault): Answer {
  const status = fault.status ?? 200;
  const waits: Record<string, string> = status === 429 ? { "Retry-After": "1" } : {};
  const headers = { ...waits, ...fault.headers };
  if (fault.body !== undefined) {
    return { status, text: fault.body, contentType: fault.contentType ?? "text/html", headers };
  }
  return problem(
    new Refusal(status, fault.detail ?? `the test asked for ${status}`, {
      ...(fault.errors === undefined ? {} : { errors: fault.errors }),
      headers,
    }),
  );
}

function routeOf(routes: readonly Route[], method: string, pathname: string) {
  const fitting = routes.flatMap((route) => {
    const params = matchPath(route.path, pathname);
    return params === null ? [] : [{ route, params }];
  });
  const found = fitting.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  if (fitting.length === 0) throw new Refusal(404, "resource not found");
  throw new Refusal(405, "The requested method is not allowed for this path.", {
    headers: { Allow: fitting.map(({ route }) => route.method).join(", ") },
  });
}

function send(response: ServerResponse, answer: Answer, headers: Record<string, string>, cutAfterBytes?: number): void {
  const text = answer.text ?? (answer.json === undefined ? "" : JSON.stringify(answer.json));
  const contentType = answer.contentType ?? "application/json";
  const typed = answer.status === 204 ? {} : { "Content-Type": contentType };
  response.writeHead(answer.status, { ...typed, ...headers, ...answer.headers });
  if (answer.stream !== undefined) {
    response.flushHeaders();
    answer.stream({
      write: (chunk) => response.write(chunk),
      destroy: () => breakOff(response),
      onClose: (listener) => response.on("close", listener),
    });
  } else if (cutAfterBytes === undefined) response.end(text);
  else {
    response.write(text.slice(0, Math.max(1, cutAfterBytes)));
    breakOff(response);
  }
}

/** Ends the connection after what was written, without the end of the body. */
const breakOff = (response: ServerResponse): void => response.socket?.destroySoon();

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function jsonOf(body: string): unknown {
  const value = parsed(body);
  if (value === undefined) throw new Refusal(400, "request body is not valid JSON");
  return value;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
