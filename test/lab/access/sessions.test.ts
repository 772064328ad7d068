import { expect, test } from "vitest";
import { owner } from "../../../src/lab/access/actor.js";
import { identityOf } from "../../../src/lab/backend.js";
import { openAccess } from "./access-fixture.js";

interface Made {
  readonly token: string;
  readonly sessionId: string;
  readonly expiresAt: number;
}

const open = async () => {
  const lab = await openAccess();
  const start = (by: string, draft: Record<string, unknown> = {}) =>
    lab.data<Made>(by, "POST /v1/auth/sessions", { body: { agentId: "alpha", ...draft } });
  return { ...lab, start };
};

test("a session lives an hour unless told otherwise, a day at most, and is refused afterwards", async () => {
  const { ask, clock, data, start } = await open();
  const { token, expiresAt } = await start("owner", { metadata: { run: 7 } });
  expect(expiresAt).toBe(clock.at + 3_600_000);
  expect((await start("owner", { ttl: 86_400 })).expiresAt).toBe(clock.at + 86_400_000);
  expect((await ask("owner", "POST /v1/auth/sessions", { body: { agentId: "a", ttl: 86_401 } })).status).toBe(422);
  const check = () => data("owner", "POST /v1/auth/sessions/validate", { body: { token } });
  expect(await check()).toEqual({ valid: true, agentId: "alpha", expiresAt, metadata: { run: 7 } });
  expect((await ask(token, "GET /v1/labs")).status).toBe(200);
  clock.at = expiresAt;
  expect((await ask(token, "GET /v1/labs")).status).toBe(401);
  expect(await check()).toEqual({ valid: false, agentId: null, expiresAt: null, metadata: null });
  expect((await ask("owner", "POST /v1/auth/sessions/refresh", { body: { token } })).status).toBe(404);
});

test("a session does at most what its creator does", async () => {
  const { ask, data, makeKey, start } = await open();
  const { key } = await makeKey({ scopes: ["experiments:read", "tasks:read"], labId: "dark-energy" });
  const same = await start(key);
  const less = await start(key, { scopes: ["tasks:read"] });
  const list = "GET /v1/experiments?labId=dark-energy";
  expect((await ask(same.token, list)).status).toBe(200);
  expect((await ask(less.token, list)).status).toBe(403);
  expect((await ask(key, "POST /v1/auth/sessions", { body: { agentId: "a", scopes: ["pods:read"] } })).status).toBe(
    403,
  );
  expect((await ask(same.token, "POST /v1/auth/sessions", { body: { agentId: "a" } })).status).toBe(403);
  expect(await data(less.token, "GET /v1/auth/me")).toMatchObject({
    kind: "session",
    name: "agent alpha",
    scopes: ["tasks:read"],
    plan: "team",
    labs: [{ slug: "dark-energy" }],
  });
});

test("a session ends when it is told to, by its token, its id or itself", async () => {
  const { ask, data, makeKey, start } = await open();
  const { key } = await makeKey({ scopes: ["*"], labId: "dark-energy" });
  const [byToken, byId, byItself, foreign] = [
    await start(key),
    await start(key),
    await start(key),
    await start("owner"),
  ];
  await data(key, "POST /v1/auth/sessions/end", { body: { token: byToken.token } });
  await data(key, "POST /v1/auth/sessions/end", { body: { sessionId: byId.sessionId } });
  await data(byItself.token, "POST /v1/auth/sessions/end");
  for (const { token } of [byToken, byId, byItself]) expect((await ask(token, "GET /v1/labs")).status).toBe(401);
  expect((await ask(key, "POST /v1/auth/sessions/end", { body: { sessionId: foreign.sessionId } })).status).toBe(404);
  expect((await ask(key, "POST /v1/auth/sessions/end")).status).toBe(422);
  expect(await data<unknown[]>(key, "GET /v1/auth/sessions")).toEqual([]);
  expect(await data<Made[]>("owner", "GET /v1/auth/sessions")).toMatchObject([{ sessionId: foreign.sessionId }]);
});

test("a session is prolonged, never beyond the key that made it", async () => {
  const { clock, data, makeKey, start } = await open();
  const { key } = await makeKey({ scopes: ["*"], expiresIn: 5000 });
  const { token, expiresAt } = await start(key, { ttl: 60 });
  expect(expiresAt).toBe(clock.at + 60_000);
  const refreshed = await data<Made>(token, "POST /v1/auth/sessions/refresh", { body: { token, ttl: 600 } });
  expect(refreshed.expiresAt).toBe(clock.at + 600_000);
  const most = await data<Made>(token, "POST /v1/auth/sessions/refresh", { body: { token, ttl: 6000 } });
  expect(most.expiresAt).toBe(clock.at + 5_000_000);
});

test("sessions that are over are forgotten", async () => {
  const { clock, services, store, start } = await open();
  await start("owner", { ttl: 60 });
  clock.at += 60_000 + 86_400_001;
  await services.sessions.prune();
  expect(await store.db.selectFrom("sessions").selectAll().execute()).toEqual([]);
});

test("a Convex client gets its session, and a resend gets none: nothing of a secret is kept", async () => {
  const { backend, store } = await open();
  const call = {
    path: "auth:createSession",
    args: { agentId: "agent_abc123", ttl: 3600 },
    identity: identityOf(owner),
  };
  const once = { sessionId: "client", requestId: 1 };
  const { value } = await backend.mutation(call, once);
  expect(value).toMatchObject({
    token: expect.stringMatching(/^hs_live_/) as string,
    expiresAt: expect.any(Number) as number,
  });
  await expect(backend.mutation(call, once)).rejects.toMatchObject({ data: { code: "CONFLICT" } });
  const rows = await store.db.selectFrom("session_requests").selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain("hs_live_");
  expect(await store.db.selectFrom("sessions").selectAll().execute()).toHaveLength(1);
});
