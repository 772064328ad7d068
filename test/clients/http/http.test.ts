import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { createHttp, type Http } from "../../../src/clients/http/http.js";
import { path } from "../../../src/clients/http/path.js";
import { redact } from "../../../src/clients/http/redact.js";
import { retryDelayMs } from "../../../src/clients/http/retry.js";
import { FailureError } from "../../../src/core/failure.js";

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(handler: Handler, timeoutMs?: number): Promise<{ http: Http; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    handler(request, response, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const http = createHttp({
    baseUrl: () => `http://127.0.0.1:${port}`,
    token: () => "secret-token-1234",
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  open.push(async () => {
    await http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { http, seen };
}

const failureOf = async (promise: Promise<unknown>) => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("did not fail");
};

const Answer = z.object({ ok: z.boolean() });

test("sends the token and the query and parses the answer", async () => {
  const { http, seen } = await serve((_request, response) => response.end('{"ok":true,"more":1}'));
  await expect(http.get("/v1/x", { query: { limit: 5, cursor: undefined }, expect: Answer })).resolves.toEqual({
    ok: true,
  });
  expect(seen[0]?.headers.authorization).toBe("Bearer secret-token-1234");
  expect(seen[0]?.url).toBe("/v1/x?limit=5");
});

test("a read is tried again after a 503, a write is not", async () => {
  const flaky: Handler = (_request, response, count) => {
    response.statusCode = count === 1 ? 503 : 200;
    response.setHeader("retry-after", "0");
    response.end('{"ok":true}');
  };
  const reading = await serve(flaky);
  await expect(reading.http.get("/v1/x", { expect: Answer })).resolves.toEqual({ ok: true });
  expect(reading.seen).toHaveLength(2);
  const writing = await serve(flaky);
  expect(await failureOf(writing.http.post("/v1/x", { body: {}, expect: Answer }))).toMatchObject({
    kind: "server",
    status: 503,
  });
  expect(writing.seen).toHaveLength(1);
});

test.each([
  ['{"error":{"code":"not_found","message":"no EXP-9","status":404}}', 404, "notFound", "no EXP-9"],
  ['{"detail":"too long"}', 422, "invalid", "too long"],
  ["<html>nope</html>", 401, "auth", "the server answered 401"],
  ["plain words", 409, "conflict", "plain words"],
])("the error body %s becomes a failure", async (body, status, kind, message) => {
  const { http } = await serve((_request, response) => {
    response.statusCode = status;
    response.end(body);
  });
  expect(await failureOf(http.get("/v1/x", { expect: Answer }))).toMatchObject({ kind, message, status });
});

test("the token never shows in a failure, even when the server repeats it", async () => {
  const { http } = await serve((_request, response) => {
    response.statusCode = 422;
    response.end('{"message":"bad header Bearer secret-token-1234 and secret-token-1234"}');
  });
  expect(JSON.stringify(await failureOf(http.get("/v1/x", { expect: Answer })))).not.toContain("secret-token");
});

test("a silent server is a timeout, a closed port a network failure, a wrong body a decode failure", async () => {
  const silent = await serve(() => undefined, 80);
  expect(await failureOf(silent.http.post("/v1/x", { expect: Answer }))).toMatchObject({ kind: "timeout" });
  const closed = createHttp({ baseUrl: () => "http://127.0.0.1:1", token: () => undefined });
  expect(await failureOf(closed.post("/v1/x", { expect: Answer }))).toMatchObject({ kind: "network" });
  const wrong = await serve((_request, response) => response.end('{"ok":"yes"}'));
  expect((await failureOf(wrong.http.get("/v1/x", { expect: Answer }))).message).toContain("at ok");
});

test("an id cannot add a path segment", () => {
  expect(path`/v1/experiments/${"../admin?x#y"}`).toBe("/v1/experiments/..%2Fadmin%3Fx%23y");
});

test("retry delays grow, obey Retry-After and end", () => {
  const at = (attempt: number, status: number | null, retryAfter?: string) =>
    retryDelayMs(attempt, status, { nowMs: 0, random: 0.5, retryAfter });
  expect([at(1, 503), at(2, 503), at(3, 503), at(4, 503)]).toEqual([500, 1000, 2000, null]);
  expect(at(1, 429, "7")).toBe(7000);
  expect(at(1, 429, new Date(3000).toUTCString())).toBe(3000);
  expect(at(1, 404)).toBeNull();
  expect(at(1, null)).toBe(200);
});

test("redaction takes bearer values out of any text", () => {
  expect(redact("Authorization: Bearer abcdefghijkl")).toBe("Authorization: Bearer ***");
});
