import { createHmac } from "node:crypto";
import { statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { deliver } from "../../../src/clients/http/deliver.js";
import type { NewWebhook } from "../../../src/contract/webhook.js";
import { createWebhooks } from "../../../src/lab/services/webhooks.js";
import { isPublicAddress } from "../../../src/lab/webhooks/address.js";
import { createWebhookLoop } from "../../../src/lab/webhooks/loop.js";
import { openWebhookSecrets } from "../../../src/lab/webhooks/secrets.js";
import { openLab } from "../services/lab-fixture.js";

interface Got {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** Somebody else's server; `answers` are its statuses, the last one again and again. 0 never answers. */
async function receiver(...answers: number[]) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      got.push({ path: request.url ?? "", headers: request.headers, body });
      const status = answers.length > 1 ? answers.shift() : answers[0];
      if (status === 0) return;
      response.writeHead(status ?? 200, status === 302 ? { location: "/elsewhere" } : {});
      response.end("x".repeat(50_000));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

async function openWebhooks({ allowsPrivate = true } = {}) {
  const lab = await openLab();
  const secrets = openWebhookSecrets(lab.dataDir);
  const webhooks = createWebhooks({ ...lab, secrets, allowsPrivate });
  const parts = { ...lab, secrets, allowsPrivate, random: () => 0, log: (line: string) => expect.fail(line) };
  const loop = createWebhookLoop({ ...parts, send: deliver });
  const hook = async (draft: Partial<NewWebhook> & Pick<NewWebhook, "url">) =>
    webhooks.create({ labId: lab.labId, events: ["experiment.*"], ...draft });
  const statuses = async (id: string) =>
    (await webhooks.deliveries(id, { limit: 100 })).rows.map(({ status, attempt }) => `${status} ${attempt}`);
  return { ...lab, webhooks, loop, hook, statuses, parts };
}

test("what happened is posted, signed over the very bytes, and nothing it did not ask for", async () => {
  const { hook, create, loop, store, labId, statuses } = await openWebhooks();
  const { got, url } = await receiver(200);
  const { id, secret } = await hook({ url, events: ["experiment.created"] });
  const made = await create({ title: "a chain" });
  await store.change(async ({ event }) => {
    event("pod.running", "p", { labId, name: "p" });
    return Promise.resolve();
  });
  await loop.pass();
  expect(got).toHaveLength(1);
  const { headers, body } = got[0] as Got;
  expect(headers["x-hubify-signature"]).toBe(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  expect(headers["x-hubify-event"]).toBe("experiment.created");
  expect(JSON.parse(body)).toMatchObject({
    type: "experiment.created",
    lab_id: labId,
    created_at: "1970-01-01T00:16:40.000Z",
    data: { experimentId: made.experimentId, title: "a chain", message: "EXP-001 created: a chain" },
  });
  expect(await statuses(id)).toEqual(["delivered 1"]);
});

test("a receiver that fails is asked again later each time, and gets the same message with the same id", async () => {
  const { hook, create, loop, clock, statuses, webhooks } = await openWebhooks();
  const { got, url } = await receiver(500, 503, 200);
  const { id } = await hook({ url });
  await create();
  await loop.pass();
  expect(await statuses(id)).toEqual(["pending 1"]);
  await loop.pass();
  expect(got).toHaveLength(1);
  clock.at += 10_000;
  await loop.pass();
  clock.at += 59_999;
  await loop.pass();
  expect(got).toHaveLength(2);
  clock.at += 1;
  await loop.pass();
  expect(await statuses(id)).toEqual(["delivered 3"]);
  expect(new Set(got.map(({ body }) => body)).size).toBe(1);
  const [delivery] = (await webhooks.deliveries(id, { limit: 1 })).rows;
  expect(delivery).toMatchObject({ responseStatus: 200, nextAt: null, error: null });
  expect(delivery?.responseExcerpt).toHaveLength(1024);
});

test("one that never works is given up, switched off, told in the activity, and can be switched on again", async () => {
  const { hook, create, loop, clock, webhooks, events } = await openWebhooks();
  const { url } = await receiver(500);
  const { id } = await hook({ url, events: ["experiment.created"] });
  for (let n = 0; n < 10; n++) await create();
  for (let n = 0; n < 8; n++) {
    await loop.pass();
    clock.at += 24 * 3_600_000;
  }
  expect(await webhooks.get(id)).toMatchObject({
    enabled: false,
    failures: 10,
    disabledReason: "10 deliveries in a row failed",
  });
  expect((await events()).filter((event) => event.startsWith("webhook.trouble"))).toHaveLength(1);
  await create();
  expect(await webhooks.patch(id, { enabled: true })).toMatchObject({
    enabled: true,
    failures: 0,
    disabledReason: null,
  });
  await loop.pass();
  expect((await webhooks.deliveries(id, { limit: 100 })).rows).toHaveLength(10);
});

test("410 is the end of a webhook; a redirect is not followed", async () => {
  const { hook, create, loop, webhooks, statuses } = await openWebhooks();
  const gone = await receiver(410);
  const moved = await receiver(302);
  const [first, second] = [await hook({ url: gone.url }), await hook({ url: moved.url })];
  await create();
  await loop.pass();
  expect(await webhooks.get(first.id)).toMatchObject({ enabled: false });
  expect(moved.got.map(({ path }) => path)).toEqual(["/hook"]);
  expect(await statuses(second.id)).toEqual(["pending 1"]);
});

test("private addresses are refused when it is made, and when a name turns out to lead to one", async () => {
  const { hook, create, parts, webhooks, loop } = await openWebhooks({ allowsPrivate: false });
  for (const url of [
    "http://127.0.0.1/x",
    "http://[::1]/x",
    "http://10.1.2.3/",
    "http://localhost:8080/",
    "https://localhost./",
    "http://0x7f.1/",
    "http://[::ffff:169.254.169.254]/",
  ]) {
    await expect(hook({ url }), url).rejects.toThrow(/^url: .* is a private address/);
  }
  await expect(hook({ url: "ftp://example.com/" })).rejects.toThrow(/^url: must be an http or https URL/);
  await expect(hook({ url: "https://me:secret@example.com/" })).rejects.toThrow(/^url: must hold no user name/);
  const { url, got } = await receiver(200);
  const open = createWebhooks({ ...parts, allowsPrivate: true });
  const { id } = await open.create({ labId: parts.labId, url: url.replace("127.0.0.1", "localhost"), events: ["*"] });
  await create();
  await loop.pass();
  const [delivery] = (await webhooks.deliveries(id, { limit: 1 })).rows;
  expect(delivery).toMatchObject({ status: "pending", error: "localhost leads to a private address" });
  expect(got).toEqual([]);
});

test("addresses that are not the internet's", () => {
  const isPublic = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2001:4860:4860::8888"];
  const others = [
    "100.64.0.1",
    "169.254.169.254",
    "192.168.1.1",
    "224.0.0.1",
    "0.0.0.0",
    "::",
    "fd00::1",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "::ffff:a00:1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "::7f00:1",
    "::127.0.0.1",
    "2001::7f00:1",
    "fec0::1",
    "name",
  ];
  expect(isPublic.filter((address) => !isPublicAddress(address))).toEqual([]);
  expect(others.filter(isPublicAddress)).toEqual([]);
});

test("a receiver that never answers is left after the time limit", async () => {
  const { url } = await receiver(0);
  const delivery = { url: new URL(url), headers: {}, body: "{}", timeoutMs: 50, mayReach: () => true };
  await expect(deliver(delivery)).rejects.toThrow(/time/i);
});

test("a lab that was killed before it sent goes on where it was; a restart sends nothing twice", async () => {
  const { hook, create, parts, loop, statuses } = await openWebhooks();
  const { got, url } = await receiver(200);
  const { id } = await hook({ url, events: ["experiment.created"] });
  for (let n = 0; n < 250; n++) await create();
  const dead = createWebhookLoop({ ...parts, send: async () => Promise.reject(new Error("killed")) });
  await dead.pass();
  expect(new Set(await statuses(id))).toEqual(new Set(["pending 1"]));
  parts.clock.at += 20_000;
  await loop.pass();
  await createWebhookLoop({ ...parts, send: deliver }).pass();
  expect(new Set(got.map(({ headers }) => headers["x-hubify-delivery"])).size).toBe(250);
  expect(got).toHaveLength(250);
});

test("the secret is told once, lies in a file of the owner's alone, and a lost one says what to do", async () => {
  const { hook, webhooks, dataDir, parts, create, loop, clock } = await openWebhooks();
  const { url } = await receiver(200);
  const made = await hook({ url });
  expect(made.secret).toMatch(/^whsec_.{32}$/);
  expect(
    JSON.stringify([await webhooks.get(made.id), await webhooks.list({ labId: parts.labId, limit: 5 })]),
  ).not.toContain(made.secret);
  expect(statSync(join(dataDir, "webhook-secrets.json")).mode & 0o777).toBe(0o600);
  parts.secrets.remove(made.id);
  await create();
  await loop.pass();
  clock.at += 1;
  const [lost] = (await webhooks.deliveries(made.id, { limit: 1 })).rows;
  expect(lost).toMatchObject({ status: "failed", error: expect.stringContaining("set a new one") as unknown });
  await webhooks.patch(made.id, { secret: "a-secret-of-my-own" });
  await webhooks.redeliver(made.id, lost?.id ?? "");
  await webhooks.test(made.id);
  await loop.pass();
  const { rows } = await webhooks.deliveries(made.id, { limit: 10 });
  expect(rows.map(({ event, status }) => `${event} ${status}`)).toEqual([
    "webhook.test delivered",
    "experiment.created delivered",
    "experiment.created failed",
  ]);
});
