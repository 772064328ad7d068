import { expect, test } from "vitest";
import { openAccess } from "../access/access-fixture.js";

const minuteMs = 60_000;
const dayMs = 86_400_000;

test.each([
  ["free", 60, 1_000],
  ["pro", 300, 50_000],
  ["team", 1_000, 500_000],
])("plan %s: %i requests a minute", async (plan, perMinute) => {
  const { ask, makeKey } = await openAccess();
  const { key } = await makeKey({ scopes: ["*"], plan });
  const first = await ask(key, "GET /v1/labs");
  expect([first.headers.get("x-ratelimit-limit"), first.headers.get("x-ratelimit-remaining")]).toEqual([
    String(perMinute),
    String(perMinute - 1),
  ]);
  for (let i = 1; i < perMinute; i++) await ask(key, "GET /v1/nothing");
  const { status, headers, body } = await ask(key, "GET /v1/labs");
  expect([status, body.error?.code, headers.get("x-ratelimit-remaining")]).toEqual([429, "rate_limited", "0"]);
  expect(body.error?.message).toContain(`More than ${perMinute} requests in a minute`);
  expect((await ask("owner", "GET /v1/labs")).status).toBe(200);
});

test("the limit of a day holds over minutes and restarts, until the next day (UTC)", async () => {
  const { access, ask, clock, makeKey } = await openAccess();
  clock.at = 20_000 * dayMs + dayMs / 2;
  const { key, id } = await makeKey({ scopes: ["*"], plan: "free" });
  const use = async (times: number) => {
    for (let i = 0; i < times; i++) expect((await ask(key, "GET /v1/health")).status).toBe(200);
    clock.at += minuteMs;
  };
  await use(40);
  await access.requestDays.save();
  // Most of the day is gone, as another life of the lab has stored it.
  for (let i = 0; i < 955; i++) await access.requestDays.count(id);
  const last = await ask(key, "GET /v1/health");
  expect([last.headers.get("x-ratelimit-limit"), last.headers.get("x-ratelimit-remaining")]).toEqual(["1000", "4"]);
  expect(Number(last.headers.get("x-ratelimit-reset"))).toBe((20_001 * dayMs) / 1000);
  await use(4);
  const { status, body, headers } = await ask(key, "GET /v1/health");
  expect([status, body.error?.message]).toEqual([429, expect.stringContaining("More than 1000 requests in a day")]);
  expect(Number(headers.get("retry-after"))).toBe((20_001 * dayMs - clock.at) / 1000);
  clock.at = 20_001 * dayMs;
  expect((await ask(key, "GET /v1/health")).status).toBe(200);
});

test("what was counted is stored, and counted on from there", async () => {
  const lab = await openAccess();
  const { key } = await lab.makeKey({ scopes: ["*"], plan: "free" });
  for (let i = 0; i < 7; i++) await lab.ask(key, "GET /v1/health");
  await lab.access.close();
  const row = await lab.store.db.selectFrom("request_days").selectAll().executeTakeFirst();
  expect(row).toMatchObject({ requests: 7 });
  const { createRequestDays } = await import("../../../src/lab/http/request-days.js");
  const days = createRequestDays(lab.store, lab.clock);
  const [a, b] = await Promise.all([days.count(row?.actor ?? ""), days.count(row?.actor ?? "")]);
  expect([a, b].toSorted()).toEqual([9, 9]);
});

test("sessions count as the key that made them", async () => {
  const { ask, data, makeKey } = await openAccess();
  const { key } = await makeKey({ scopes: ["*"], plan: "free" });
  const { token } = await data<{ token: string }>(key, "POST /v1/auth/sessions", { body: { agentId: "a" } });
  const { headers } = await ask(token, "GET /v1/labs");
  expect(headers.get("x-ratelimit-remaining")).toBe("58");
});

test("every answer says how much is left", async () => {
  const { app, ask, create } = await openAccess();
  await create();
  const answers = [
    await ask(null, "GET /v1/labs"),
    await ask("wrong", "GET /v1/labs"),
    await ask("owner", "GET /v1/nothing"),
    await ask("owner", "POST /v1/experiments", { body: "{" }),
    await ask("owner", "GET /v1/labs", { headers: { origin: "https://evil.example" } }),
    await ask("owner", "OPTIONS /v1/labs", { headers: { origin: "http://localhost:3000" } }),
    await ask("owner", "POST /api/query", { body: { path: "labs:list", args: {} } }),
    await ask("owner", "POST /api/query", { body: { path: "nothing:there", args: {} } }),
    await ask("wrong", "POST /api/query", { body: { path: "labs:list", args: {} } }),
  ];
  const headers = { authorization: "Bearer owner", accept: "text/event-stream" };
  const stream = await app.request("/v1/experiments/EXP-001/logs", { headers });
  expect(stream.headers.get("content-type")).toContain("text/event-stream");
  await stream.body?.cancel();
  for (const answer of [...answers, stream]) {
    const limit = answer.headers.get("x-ratelimit-limit");
    expect([limit, Number(answer.headers.get("x-ratelimit-reset")) > 1000]).toEqual(["1000", true]);
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
  }
});

test("Convex calls of all but the owner are limited by kind", async () => {
  const { ask, makeKey } = await openAccess();
  const { key } = await makeKey({ scopes: ["*"], plan: "team" });
  const call = (token: string, kind: string, path: string, args: object = {}) =>
    ask(token, `POST /api/${kind}`, { body: { path, args } });
  for (let i = 0; i < 100; i++) expect((await call(key, "query", "labs:list")).status).toBe(200);
  const refused = await call(key, "query", "labs:list");
  expect(refused.status).toBe(560);
  expect(refused.body).toMatchObject({
    errorData: { code: "rate_limited", message: expect.stringContaining("100 queries") as string },
  });
  const older = await call(key, "query", "auth:me");
  expect(older.body).toMatchObject({ errorData: { code: "RATE_LIMITED" } });
  for (let i = 0; i < 50; i++) await call(key, "mutation", "experiments:remove", { experimentId: "nope" });
  expect((await call(key, "mutation", "experiments:remove", { experimentId: "nope" })).body).toMatchObject({
    errorData: { code: "rate_limited" },
  });
  expect((await call("owner", "query", "labs:list")).status).toBe(200);
});

test("who guesses tokens is kept from it; who repeats one wrong token, and who has a right one, is not", async () => {
  const { ask, clock, makeKey } = await openAccess();
  const { key } = await makeKey({ scopes: ["*"] });
  await ask(key, "GET /v1/labs");
  for (let i = 0; i < 40; i++) expect((await ask("one-wrong-token", "GET /v1/labs")).status).toBe(401);
  for (let i = 0; i < 29; i++) expect((await ask(`guess-${i}`, "GET /v1/labs")).status).toBe(401);
  const { status, body } = await ask("guess-30", "GET /v1/labs");
  expect([status, body.error?.code]).toEqual([429, "rate_limited"]);
  expect(body.error?.message).not.toContain("guess-30");
  expect((await ask(key, "GET /v1/labs")).status).toBe(200);
  expect((await ask("owner", "GET /v1/labs")).status).toBe(200);
  const { key: neverSeen } = await makeKey({ scopes: ["*"] });
  expect((await ask(neverSeen, "GET /v1/labs")).status).toBe(200);
  clock.at += minuteMs;
  expect((await ask("guess-31", "GET /v1/labs")).status).toBe(401);
});
