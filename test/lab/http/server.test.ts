import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { createServer } from "../../../src/lab/http/server.js";

async function open(limits: Parameters<typeof createServer>[1] = {}) {
  const server = createServer(() => new Response("hello"), limits);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  /** What the server says to these bytes until it hangs up. */
  const say = (bytes: string) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined).write(bytes);
    return text(socket);
  };
  return { server, say };
}

test.each([
  ["no request", "hello\r\n\r\n", 400],
  ["huge headers", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ["two lengths", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
])("%s: the documented refusal, then the end", async (_, bytes, status) => {
  const { say } = await open();
  const [head = "", body = ""] = (await say(bytes)).split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(body)).toMatchObject({ error: { status } });
});

test("who sends a header a byte at a time is not waited for", async () => {
  const { say } = await open({ headersTimeout: 1, requestTimeout: 1, connectionsCheckingInterval: 10 });
  expect(await say("GET / HTTP/1.1\r\nHost: local")).toMatch(/^HTTP\/1.1 408 /);
});

test("time is bounded for headers, requests and silence", async () => {
  const { server } = await open();
  expect([server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([15_000, 600_000, 65_000]);
});
