import { expect, test } from "vitest";
import { z } from "zod";
import { createIdempotency } from "../../../src/lab/http/idempotency.js";
import { routes } from "../../../src/lab/routes/index.js";
import { openAccess } from "../access/access-fixture.js";

const draft = { labId: "dark-energy", title: "once", config: { command: "true" } };

const open = async () => {
  const lab = await openAccess();
  const post = (key: string, body: object = draft, token = "owner") =>
    lab.ask(token, "POST /v1/experiments", { body, headers: { "idempotency-key": key } });
  const count = async () => (await lab.store.db.selectFrom("experiments").select("id").execute()).length;
  return { ...lab, post, count };
};

test("the same request again is answered as the first, and done once", async () => {
  const { count, post } = await open();
  const first = await post("key-1");
  const again = await post("key-1");
  expect([first.status, first.headers.get("idempotent-replayed")]).toEqual([201, null]);
  expect([again.status, again.headers.get("idempotent-replayed"), again.text]).toEqual([201, "true", first.text]);
  expect(await count()).toBe(1);
  await post("key-2");
  expect(await count()).toBe(2);
});

test("two at once are done once", async () => {
  const { count, post } = await open();
  const answers = await Promise.all([post("key"), post("key"), post("key")]);
  expect(await count()).toBe(1);
  const done = answers.filter(({ status }) => status === 201);
  expect(new Set(done.map(({ text }) => text)).size).toBe(1);
  for (const { status } of answers) expect([201, 409]).toContain(status);
});

test("a key that was used for something else is refused", async () => {
  const { post } = await open();
  await post("key");
  const other = await post("key", { ...draft, title: "another" });
  expect([other.status, other.body.error?.message]).toEqual([
    422,
    expect.stringMatching(/^Idempotency-Key: was used for another/),
  ]);
});

test("everybody has keys of their own", async () => {
  const { count, makeKey, post } = await open();
  const { key } = await makeKey({ scopes: ["experiments:*"], labId: "dark-energy" });
  await post("key");
  expect((await post("key", { ...draft, title: "theirs" }, key)).status).toBe(201);
  expect(await count()).toBe(2);
});

test("a refused request did nothing, so its key is free", async () => {
  const { post } = await open();
  expect((await post("key", { ...draft, priority: "soon" })).status).toBe(422);
  expect((await post("key")).status).toBe(201);
});

test.each(["", "x".repeat(256), "ümlaut"])("the key %j is refused", async (key) => {
  const { app } = await open();
  const headers = { authorization: "Bearer owner", "content-type": "application/json", "idempotency-key": key };
  const { status } = await app.request("/v1/experiments", { method: "POST", headers, body: JSON.stringify(draft) });
  expect(status).toBe(422);
});

test("after a day a key is free again", async () => {
  const { clock, count, post } = await open();
  await post("key");
  clock.at += 24 * 3_600_000 + 1;
  expect((await post("key", { ...draft, title: "next day" })).status).toBe(201);
  expect(await count()).toBe(2);
});

test("whatever answers a secret says that it does", () => {
  const hasSecret = ({ result }: (typeof routes)[number]) =>
    result instanceof z.ZodObject && ["secret", "key", "token"].some((field) => field in result.shape);
  const secretive = routes.filter((route) => route.method === "post" && hasSecret(route));
  expect(secretive.map(({ path }) => path)).toContain("/v1/webhooks");
  expect(secretive.filter(({ isSecret }) => !isSecret).map(({ path }) => path)).toEqual([]);
});

test("of an answer with a secret nothing is kept", async () => {
  const { ask, store } = await open();
  const make = () =>
    ask("owner", "POST /v1/auth/keys", { body: { name: "ci", scopes: ["*"] }, headers: { "idempotency-key": "k" } });
  expect((await make()).status).toBe(201);
  const again = await make();
  expect([again.status, again.body.error?.message]).toEqual([
    409,
    expect.stringMatching(/secret, which is shown once/),
  ]);
  expect(JSON.stringify(await store.db.selectFrom("idempotency_keys").selectAll().execute())).not.toContain("hk_live");
});

/** Something that waits for the world, which can't be one transaction. */
const waiting = { actor: "owner", key: "k", request: ["POST", "/", ""], waits: true, isSecret: false } as const;

test("what waits for the world: while it runs a second one is refused, then answered", async () => {
  const { store } = await open();
  const idempotency = createIdempotency(store);
  const gate = Promise.withResolvers<{ status: number; text: string }>();
  const first = idempotency.once(waiting, () => gate.promise);
  const never = async (): Promise<Response> => Promise.reject(new Error("ran twice"));
  await expect(idempotency.once(waiting, never)).rejects.toThrow(/still running/);
  gate.resolve({ status: 201, text: "done" });
  expect(await first).toEqual({ answer: { status: 201, text: "done" }, isReplay: false });
  expect(await idempotency.once(waiting, never)).toEqual({ answer: { status: 201, text: "done" }, isReplay: true });
});

test("what was cut off by the end of the lab is not done again unseen", async () => {
  const { store } = await open();
  void createIdempotency(store).once(waiting, () => new Promise(() => undefined));
  await expect.poll(async () => (await store.db.selectFrom("idempotency_keys").selectAll().execute()).length).toBe(1);
  const nextLife = createIdempotency(store);
  await expect(nextLife.once(waiting, async () => Promise.resolve({ status: 201, text: "" }))).rejects.toThrow(
    /the lab ended while this request ran/,
  );
});

test("what failed while it waited may be asked again", async () => {
  const { store } = await open();
  const idempotency = createIdempotency(store);
  await expect(idempotency.once(waiting, async () => Promise.reject(new Error("no stock")))).rejects.toThrow(
    "no stock",
  );
  const { isReplay } = await idempotency.once(waiting, async () => Promise.resolve({ status: 201, text: "" }));
  expect(isReplay).toBe(false);
});
