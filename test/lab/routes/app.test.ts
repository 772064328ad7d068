import { expect, test } from "vitest";
import { Health } from "../../../src/contract/discovery.js";
import { routes } from "../../../src/lab/routes/index.js";
import { openRest } from "./rest-fixture.js";

test("health needs no token and is no envelope", async () => {
  const { json, create, experiments } = await openRest();
  const { _id } = await create();
  await experiments.claim(_id, "p");
  const { status, body } = await json("GET", "/v1/health", { token: null });
  expect(status).toBe(200);
  expect(Health.parse(body)).toEqual({
    status: "ok",
    version: "1.2.3",
    protocol: 1,
    pid: process.pid,
    runningExperiments: 1,
  });
});

test.each([null, "", "wrong", "secret2"])("token %j is refused, also for what is not there", async (token) => {
  const { json } = await openRest();
  for (const path of ["/v1/labs", "/v1/nothing", "/v1/health/more"]) {
    const { status, body } = await json("GET", path, { token });
    expect([status, body.error?.code, body.error?.status]).toEqual([401, "unauthorized", 401]);
  }
});

test("every answer has the documented envelope and headers", async () => {
  const { json, clock } = await openRest();
  clock.at = Date.UTC(2026, 10, 22, 1, 2, 3);
  const { body, headers } = await json("GET", "/v1/labs");
  expect(body.meta).toEqual({
    request_id: expect.stringMatching(/^req_[0-9a-f]{16}$/) as string,
    timestamp: "2026-11-22T01:02:03.000Z",
    next_cursor: null,
    has_more: false,
  });
  expect(headers.get("x-request-id")).toBe(body.meta?.["request_id"]);
  expect(headers.get("x-ratelimit-limit")).toBe("1000");
  expect(headers.get("x-ratelimit-remaining")).toBe("999");
  expect(Number(headers.get("x-ratelimit-reset"))).toBe(Date.UTC(2026, 10, 22, 1, 3, 0) / 1000);
});

test("refusals carry the rate limit headers too, and the limit holds until its window ends", async () => {
  const { json, clock } = await openRest({ requestsPerMinute: 2 });
  expect((await json("GET", "/v1/nothing")).headers.get("x-ratelimit-remaining")).toBe("1");
  expect((await json("GET", "/v1/labs", { token: null })).headers.get("x-ratelimit-remaining")).toBe("1");
  expect((await json("GET", "/v1/labs")).status).toBe(200);
  const { status, headers, body } = await json("GET", "/v1/labs");
  expect([status, body.error?.code, headers.get("x-ratelimit-remaining")]).toEqual([429, "rate_limited", "0"]);
  const reset = Number(headers.get("x-ratelimit-reset"));
  expect(Number(headers.get("retry-after"))).toBe(reset - Math.floor(clock.at / 1000));
  clock.at = reset * 1000;
  expect((await json("GET", "/v1/labs")).status).toBe(200);
});

test("what is not there is a 404 envelope, whatever the method", async () => {
  const { json, ask } = await openRest();
  for (const [method, path] of [
    ["GET", "/v1/nothing"],
    ["PUT", "/v1/experiments"],
    ["GET", "/elsewhere"],
    ["POST", "/api/nothing"],
  ] as const) {
    const { status, body } = await json(method, path);
    expect([path, status, body.error?.code]).toEqual([path, 404, "not_found"]);
  }
  expect((await ask("HEAD", "/v1/nothing")).status).toBe(404);
});

test("a fault of the lab is a bare 500; the log gets the details under the request's id", async () => {
  const { json, faults, services } = await openRest();
  services.pods.list = async () => {
    throw new Error("secret detail");
  };
  const { status, body, headers } = await json("GET", "/v1/pods?labId=dark-energy");
  expect([status, body.error?.code]).toEqual([500, "server_error"]);
  expect(JSON.stringify(body)).not.toContain("secret detail");
  expect(faults).toEqual([{ requestId: headers.get("x-request-id"), error: new Error("secret detail") }]);
  expect(body.error?.message).toContain(headers.get("x-request-id"));
});

test("too large a body is a 413, no JSON is a 422", async () => {
  const { json } = await openRest();
  const large = await json("POST", "/v1/experiments", { body: { title: "x".repeat(2 ** 20) } });
  expect([large.status, large.body.error?.code]).toEqual([413, "payload_too_large"]);
  const broken = await json("POST", "/v1/experiments", { body: "{oops" });
  expect([broken.status, broken.body.error?.code]).toEqual([422, "validation_error"]);
  const empty = await json("POST", "/v1/experiments", {});
  expect([empty.status, empty.body.error?.message]).toEqual([
    422,
    expect.stringMatching(/title: must be text \(is missing\)/),
  ]);
  const untyped = await json("POST", "/v1/experiments", { body: "title=x", headers: { "content-type": "text/plain" } });
  expect([untyped.status, untyped.body.error?.code]).toEqual([415, "unsupported_media_type"]);
  expect(untyped.body.error?.message).toMatch(/^Content-Type: must be application\/json/);
});

test("Convex's function API is beside the routes", async () => {
  const { ask } = await openRest();
  expect(await (await ask("POST", "/api/query", { token: null, body: {} })).json()).toEqual({ status: "success" });
});

test("the OpenAPI document names every route", async () => {
  const { json } = await openRest();
  const document = (await json("GET", "/v1/openapi.json")).body as unknown as {
    openapi: string;
    paths: Record<string, Record<string, { requestBody?: unknown; parameters?: { name: string }[] }>>;
  };
  expect(document.openapi).toBe("3.1.0");
  const named = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(named.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  expect(document.paths["/v1/experiments"]?.["get"]?.parameters?.map(({ name }) => name)).toEqual([
    "labId",
    "status",
    "projectId",
    "limit",
    "cursor",
  ]);
  expect(document.paths["/v1/experiments"]?.["post"]?.requestBody).toBeDefined();
});
