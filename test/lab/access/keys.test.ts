import { expect, test } from "vitest";
import { openAccess } from "./access-fixture.js";

test("a key is shown once, and stored as its hash only", async () => {
  const { ask, data, store, labId } = await openAccess();
  const made = await ask("owner", "POST /v1/auth/keys", {
    body: { name: "ci", scopes: ["labs:read", "experiments:*"], labId: "dark-energy" },
  });
  expect(made.status).toBe(201);
  const { key, prefix, id, ...rest } = made.body.data as Record<string, unknown>;
  expect(key).toMatch(/^hk_live_[\w-]{43}$/);
  expect(String(key).startsWith(String(prefix))).toBe(true);
  expect(rest).toMatchObject({
    name: "ci",
    scopes: ["labs:read", "experiments:*"],
    labId,
    expires_at: null,
    created_at: "1970-01-01T00:16:40.000Z",
    tokenId: id,
    token: key,
  });
  const [listed] = await data<Record<string, unknown>[]>("owner", "GET /v1/auth/keys");
  expect(listed).toMatchObject({ id, prefix, lastUsedAt: null });
  const rows = await store.db.selectFrom("api_keys").selectAll().execute();
  expect(JSON.stringify([listed, rows])).not.toContain(String(key).slice(20));
});

test("a key does what its scopes say, in its lab only, and the refusal names the scope", async () => {
  const { ask, data, makeKey } = await openAccess();
  const other = await data<{ id: string }>("owner", "POST /v1/labs", { body: { name: "Other" } });
  const { key } = await makeKey({ scopes: ["experiments:read"], labId: "dark-energy" });
  expect((await ask(key, "GET /v1/experiments?labId=dark-energy")).status).toBe(200);
  const forbidden = await ask(key, "POST /v1/experiments", {
    body: { labId: "dark-energy", title: "x", config: { command: "true" } },
  });
  expect([forbidden.status, forbidden.body.error?.code]).toEqual([403, "forbidden"]);
  expect(forbidden.body.error?.message).toContain("experiments:write");
  for (const lab of [other.id, "other", "nowhere"]) {
    const foreign = await ask(key, `GET /v1/experiments?labId=${lab}`);
    expect([foreign.status, foreign.body.error?.message]).toEqual([404, `Lab ${lab} does not exist.`]);
  }
});

test("a revoked key ends at once, and so do its sessions", async () => {
  const { ask, data, makeKey } = await openAccess();
  const { key, id } = await makeKey({ scopes: ["*"] });
  const session = await data<{ token: string }>(key, "POST /v1/auth/sessions", { body: { agentId: "alpha" } });
  expect((await ask(key, "GET /v1/labs")).status).toBe(200);
  expect((await ask(session.token, "GET /v1/labs")).status).toBe(200);
  const outliving = await ask(session.token, "POST /v1/auth/keys", { body: { name: "x", scopes: ["*"] } });
  expect([outliving.status, outliving.body.error?.message]).toEqual([
    403,
    "A session makes no keys; ask with its key.",
  ]);
  await data("owner", `DELETE /v1/auth/keys/${id}`);
  expect((await ask(key, "GET /v1/labs")).status).toBe(401);
  expect((await ask(session.token, "GET /v1/labs")).status).toBe(401);
  const [listed] = await data<{ revokedAt: number }[]>("owner", "GET /v1/auth/keys");
  expect(listed?.revokedAt).toBe(1_000_000);
});

test("the keys that a revoked key made go with it, and theirs", async () => {
  const { ask, data, makeKey } = await openAccess();
  const first = await makeKey({ scopes: ["*"] });
  const second = await makeKey({ scopes: ["*"] }, first.key);
  const third = await makeKey({ scopes: ["labs:read"] }, second.key);
  const other = await makeKey({ scopes: ["labs:read"] });
  const statuses = async () =>
    Promise.all([first, second, third, other].map(async ({ key }) => (await ask(key, "GET /v1/labs")).status));
  expect(await statuses()).toEqual([200, 200, 200, 200]);
  await data("owner", `DELETE /v1/auth/keys/${first.id}`);
  expect(await statuses()).toEqual([401, 401, 401, 200]);
});

test("a key makes no key with more rights, a longer life or a larger plan than its own", async () => {
  const { ask, clock, makeKey } = await openAccess();
  const { key } = await makeKey({
    scopes: ["keys:write", "experiments:read"],
    labId: "dark-energy",
    plan: "pro",
    expiresIn: 60,
  });
  const draft = { name: "child", scopes: ["experiments:read"] };
  const child = await ask(key, "POST /v1/auth/keys", { body: draft });
  expect(child.body.data).toMatchObject({ plan: "pro", expiresAt: clock.at + 60_000 });
  for (const [more, what] of [
    [{ scopes: ["experiments:write"] }, /^scopes: you lack experiments:write/],
    [{ labId: null }, /^labId: only the owner/],
    [{ plan: "team" }, /^plan: yours is pro/],
    [{ expiresIn: 61 }, /^expiresAt: your own token ends before/],
  ] as const) {
    const { status, body } = await ask(key, "POST /v1/auth/keys", { body: { ...draft, ...more } });
    expect([status, body.error?.message]).toEqual([403, expect.stringMatching(what)]);
  }
});

test("without keys:write nobody makes or sees keys", async () => {
  const { ask, makeKey } = await openAccess();
  const { key } = await makeKey({ scopes: ["lab:dark-energy:rw"] });
  expect((await ask(key, "GET /v1/auth/keys")).status).toBe(403);
  expect((await ask(key, "POST /v1/auth/keys", { body: { name: "x", scopes: ["labs:read"] } })).status).toBe(403);
});

test("keys of other labs, and of all labs, are not there for a key of one", async () => {
  const { ask, data, makeKey } = await openAccess();
  await data("owner", "POST /v1/labs", { body: { name: "Other" } });
  const all = await makeKey({ scopes: ["*"] });
  const other = await makeKey({ scopes: ["*"], labId: "other" });
  const { key, id } = await makeKey({ scopes: ["lab:dark-energy:admin"], labId: "dark-energy" });
  expect((await data<{ id: string }[]>(key, "GET /v1/auth/keys")).map((row) => row.id)).toEqual([id]);
  for (const foreign of [all, other]) {
    expect((await ask(key, `DELETE /v1/auth/keys/${foreign.id}`)).status).toBe(404);
  }
});

test("an expired key is nobody's", async () => {
  const { ask, clock, makeKey } = await openAccess();
  const { key } = await makeKey({ scopes: ["*"], expiresIn: 30 });
  expect((await ask(key, "GET /v1/labs")).status).toBe(200);
  clock.at += 30_000;
  const { status, body } = await ask(key, "GET /v1/labs");
  expect([status, body.error?.code]).toEqual([401, "unauthorized"]);
  expect(body.error?.message).not.toContain(key);
});

test("when a key was last used is kept in memory and stored now and then", async () => {
  const { ask, clock, data, makeKey, services, store } = await openAccess();
  const { key, id } = await makeKey({ scopes: ["*"] });
  const ts = store.latestTs();
  clock.at += 5000;
  for (let i = 0; i < 5; i++) await ask(key, "GET /v1/labs");
  expect(store.latestTs()).toBe(ts);
  const used = async () => (await data<{ id: string; lastUsedAt: number | null }[]>("owner", "GET /v1/auth/keys"))[0];
  expect(await used()).toMatchObject({ id, lastUsedAt: clock.at });
  await services.keys.saveUses();
  expect(await used()).toMatchObject({ id, lastUsedAt: clock.at });
  expect(await store.db.selectFrom("api_keys").select("last_used_at").executeTakeFirst()).toEqual({
    last_used_at: clock.at,
  });
});

test("a slug that another lab takes later gives nothing to an old key", async () => {
  const { ask, data, makeKey } = await openAccess();
  const { key } = await makeKey({ scopes: ["lab:dark-energy:r"] });
  await data("owner", "PATCH /v1/labs/dark-energy", { body: { slug: "renamed" } });
  await data("owner", "POST /v1/labs", { body: { name: "Another", slug: "dark-energy" } });
  const labs = await data<{ slug: string }[]>(key, "GET /v1/labs");
  expect(labs.map(({ slug }) => slug)).toEqual(["renamed"]);
  expect((await ask(key, "GET /v1/experiments?labId=dark-energy")).status).toBe(404);
});

test("Convex clients make, list and revoke keys by the older calls, whose codes are in capitals", async () => {
  const { ask } = await openAccess();
  const call = async (kind: string, path: string, args: object, token = "owner") => {
    const answer = await ask(token, `POST /api/${kind}`, { body: { path, args, format: "json" } });
    return answer.body as { value?: unknown; errorData?: { code: string; message: string } };
  };
  const made = (await call("mutation", "auth:createApiToken", { name: "bot", scopes: ["labs:read"], expiresIn: 3600 }))
    .value as Record<string, string>;
  expect(made["token"]).toMatch(/^hk_live_/);
  const listed = (await call("query", "auth:listApiTokens", {})).value as Record<string, unknown>[];
  expect(listed.map(({ name }) => name)).toEqual(["bot"]);
  await call("mutation", "auth:revokeApiToken", { tokenId: made["tokenId"] });
  expect((await call("mutation", "auth:revokeApiToken", { tokenId: "nope" })).errorData?.code).toBe("NOT_FOUND");
  expect((await call("query", "labs:list", { nope: 1 })).errorData?.code ?? "").not.toBe("VALIDATION_ERROR");
});
