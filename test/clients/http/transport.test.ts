import type { ServerResponse } from "node:http";
import { Agent } from "undici";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { createHttp, type HttpOptions } from "../../../src/clients/http/http.js";
import { FailureError } from "../../../src/core/failure.js";
import { type Asked, tinyServer } from "./server.js";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function served(
  answer: (asked: Asked, response: ServerResponse, count: number) => void,
  options: Partial<HttpOptions> = {},
) {
  const server = await tinyServer(answer);
  const http = createHttp({ baseUrl: () => server.url, token: () => "rpa_topsecret1", ...options });
  open.push(() => http.close(), server.close);
  return { http, asked: server.asked };
}

const failureOf = async (promise: Promise<unknown>) => {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FailureError)) throw new Error(`no FailureError but ${String(error)}`);
  return error.failure;
};

test("PUT sends its body, a 204 is nothing, a list in the query has commas", async () => {
  const { http, asked } = await served((_asked, response) => response.writeHead(204).end());
  const query = { include: ["A", "B"], isIt: true, count: undefined };
  await expect(http.put("/x", { body: { keys: [] }, query, expect: z.void() })).resolves.toBeUndefined();
  expect(asked[0]).toMatchObject({ method: "PUT", url: "/x?include=A%2CB&isIt=true", body: '{"keys":[]}' });
});

test("headers of every request are asked for before each", async () => {
  let lab = "a";
  const { http, asked } = await served((_asked, response) => response.writeHead(204).end(), {
    headers: () => ({ "x-hubify-lab": lab }),
  });
  await http.get("/x", { expect: z.void() });
  lab = "b";
  await http.delete("/x", { expect: z.void() });
  expect(asked.map(({ headers }) => headers["x-hubify-lab"])).toEqual(["a", "b"]);
});

test("a problem is shown in full, with its request id, without anything that steers a terminal", async () => {
  const errors = ["$: additional properties 'imageName' not allowed", "\u001b[2J$.gpu: missing"];
  const { http } = await served((_asked, response) =>
    response
      .writeHead(422, { "content-type": "application/problem+json", "x-request-id": "req-7" })
      .end(JSON.stringify({ title: "Unprocessable Entity", status: 422, detail: "request body is invalid", errors })),
  );
  expect(await failureOf(http.post("/x", { body: {}, expect: z.void() }))).toMatchObject({
    kind: "invalid",
    status: 422,
    requestId: "req-7",
    message:
      "Unprocessable Entity: request body is invalid ($: additional properties 'imageName' not allowed; [2J$.gpu: missing)",
  });
});

test.each([
  [402, "payment"],
  [410, "gone"],
  [302, "invalid"],
] as const)("%i is %s", async (status, kind) => {
  const { http } = await served((_asked, response) => response.writeHead(status).end());
  expect(await failureOf(http.delete("/x", { expect: z.void() }))).toMatchObject({ kind, status });
});

test("the token is in no failure, wherever it comes from", async () => {
  const { http } = await served((_asked, response) =>
    response.writeHead(403).end(JSON.stringify({ title: "no", detail: "key rpa_topsecret1 and rpa_another9 may not" })),
  );
  const { message } = await failureOf(http.get("/x", { expect: z.void() }));
  expect(message).toBe("no: key rpa_*** and rpa_*** may not");
});

test("a client's own policy, clock and chance decide on the next try", async () => {
  const slept: number[] = [];
  const { http, asked } = await served(
    (_asked, response, count) => response.writeHead(count < 3 ? 429 : 200, { "x-wait": "7" }).end('"done"'),
    {
      time: { now: () => 5, random: () => 0.5, sleep: async (ms) => void slept.push(ms) },
      retry: ({ method, attempt, status, header, nowMs, random }) =>
        method === "POST" && status === 429 ? attempt * 1000 + Number(header("x-wait")) + nowMs + random : null,
    },
  );
  await expect(http.post("/x", { body: {}, expect: z.string() })).resolves.toBe("done");
  expect(asked).toHaveLength(3);
  expect(slept).toEqual([1012.5, 2012.5]);
});

test("cancelled while it waits for the next try", async () => {
  const stop = new AbortController();
  const { http } = await served((_asked, response) => response.writeHead(503).end(), {
    retry: () => {
      queueMicrotask(() => stop.abort());
      return 3_600_000;
    },
  });
  expect((await failureOf(http.get("/x", { expect: z.void(), signal: stop.signal }))).kind).toBe("aborted");
});

test("every answer is noted, and refined words are the ones that are thrown", async () => {
  const noted: unknown[] = [];
  const { http } = await served((_asked, response) => response.writeHead(409, { "x-a": "1" }).end(), {
    onAnswer: (status, header) => void noted.push([status, header("x-a")]),
    refine: (failure) => ({ ...failure, hint: "press r" }),
  });
  expect((await failureOf(http.get("/x", { expect: z.void() }))).hint).toBe("press r");
  expect(noted).toEqual([[409, "1"]]);
});

test("a stream is read as it comes and leaves requests their connections", async () => {
  const streams: ServerResponse[] = [];
  const { http, asked } = await served(({ url }, response) => {
    if (url !== "/logs") return void response.end('"ok"');
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.write("data: 1\n\n");
    streams.push(response);
  });
  const stop = new AbortController();
  const followed = Array.from({ length: 6 }, async () => {
    const text = [];
    for await (const piece of await http.stream("/logs", { signal: stop.signal })) {
      text.push(new TextDecoder().decode(piece));
      if (text.length === 2) break;
    }
    return text.join("");
  });
  await expect.poll(() => streams.length).toBe(6);
  await expect(http.get("/x", { expect: z.string() })).resolves.toBe("ok");
  for (const stream of streams) stream.write("data: 2\n\n");
  expect(new Set(await Promise.all(followed))).toEqual(new Set(["data: 1\n\ndata: 2\n\n"]));
  expect(asked[0]?.headers).toMatchObject({ accept: "text/event-stream", authorization: "Bearer rpa_topsecret1" });
});

test("a stream may be silent for ever, but its first answer has the time limit of a request", async () => {
  const limits: unknown[] = [];
  const agent = new Agent();
  open.push(() => agent.destroy());
  const dispatcher = agent.compose((dispatch) => (options, handler) => {
    limits.push([options.bodyTimeout, options.headersTimeout]);
    return dispatch(options, handler);
  });
  const { http } = await served((_asked, response) => void response.end(), { dispatcher, timeoutMs: 1234 });
  await failureOf(http.stream("/logs", { signal: new AbortController().signal }));
  expect(limits).toEqual([[0, 1234]]);
});

test("a stream that is refused, is none, or is cut", async () => {
  const { http } = await served(({ url }, response) => {
    if (url === "/refused") return void response.writeHead(404).end('{"title":"Not Found","detail":"pod not found"}');
    if (url === "/none") return void response.end("<html>");
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
    setImmediate(() => response.destroy());
  });
  const { signal } = new AbortController();
  expect((await failureOf(http.stream("/refused", { signal }))).message).toBe("Not Found: pod not found");
  expect((await failureOf(http.stream("/none", { signal }))).kind).toBe("decode");
  const cut = await http.stream("/cut", { signal });
  const read = (async () => {
    for await (const piece of cut) expect(piece.length).toBeGreaterThan(0);
  })();
  expect((await failureOf(read)).kind).toBe("network");
});

test("a stream that is aborted says so", async () => {
  const { http } = await served((_asked, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
  });
  const stop = new AbortController();
  const read = (async () => {
    for await (const piece of await http.stream("/logs", { signal: stop.signal })) if (piece.length > 0) stop.abort();
  })();
  expect((await failureOf(read)).kind).toBe("aborted");
});
