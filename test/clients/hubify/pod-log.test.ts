import { afterEach, expect, test } from "vitest";
import { createHttp } from "../../../src/clients/http/http.js";
import { podsClient } from "../../../src/clients/hubify/pods.js";
import type { PodLogLine } from "../../../src/contract/pod.js";
import type { Failure } from "../../../src/core/failure.js";
import { tinyServer } from "../http/server.js";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const frame = (id: string, line: string) =>
  `id: ${id}\ndata: ${JSON.stringify({ ts: "2026-06-01T12:02:03Z", source: "container", line })}\n\n`;

async function follow(answer: Parameters<typeof tinyServer>[0]) {
  const server = await tinyServer(answer);
  const http = createHttp({ baseUrl: () => server.url, token: () => "token-1234" });
  const lines: PodLogLine[] = [];
  const failures: Failure[] = [];
  const stop = podsClient(http).followLog(
    "pod/1",
    { source: "container", tail: 50 },
    { next: (more) => void lines.push(...more), fail: (failure) => void failures.push(failure) },
  );
  open.push(stop, () => http.close(), server.close);
  return { lines, failures, asked: server.asked, stop };
}

test("a pod's log is followed over a cut, without a gap and without a double", async () => {
  const { lines, asked } = await follow((_asked, response, count) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (count === 1) {
      response.write(frame("a", "one") + frame("b", "two") + "id: c\ndata: {");
      setImmediate(() => response.destroy());
    } else response.write(frame("c", "three") + "data: no json\n\n");
  });
  await expect.poll(() => lines.length, { timeout: 5000 }).toBe(4);
  expect(lines.map(({ line }) => line)).toEqual(["one", "two", "three", "no json"]);
  expect(lines[0]).toEqual({ id: "a", at: Date.UTC(2026, 5, 1, 12, 2, 3), source: "container", line: "one" });
  expect(asked.map(({ url }) => url)).toEqual(Array(2).fill("/v1/pods/pod%2F1/logs?source=container&tail=50"));
  expect(asked[1]?.headers["last-event-id"]).toBe("b");
});

test("a refusal ends it, in the server's words", async () => {
  const { failures, asked } = await follow((_asked, response) =>
    response.writeHead(404).end('{"error":{"code":"not_found","message":"no pod"}}'),
  );
  await expect.poll(() => failures.length).toBe(1);
  expect(failures[0]).toMatchObject({ kind: "notFound", message: "no pod" });
  expect(asked).toHaveLength(1);
});

test("stopping closes the connection and says nothing more", async () => {
  let isClosed = false;
  const { lines, failures, stop } = await follow((_asked, response) => {
    response.on("close", () => (isClosed = true));
    response.writeHead(200, { "content-type": "text/event-stream" }).write(frame("a", "one"));
  });
  await expect.poll(() => lines.length).toBe(1);
  stop();
  await expect.poll(() => isClosed).toBe(true);
  expect(failures).toEqual([]);
});
