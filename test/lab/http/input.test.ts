import { expect, test } from "vitest";
import { openAccess } from "../access/access-fixture.js";

const draft = { labId: "dark-energy", title: "x", config: { command: "true" } };

const open = async () => {
  const lab = await openAccess();
  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    lab.ask("owner", "POST /v1/experiments", { body, headers });
  const get = (path: string) => lab.ask("owner", `GET ${path}`);
  return { ...lab, post, get };
};

test.each([
  [
    "a wrong word",
    { ...draft, priority: "urgent" },
    'priority: must be one of critical, high, normal, low (was "urgent")',
  ],
  ["a wrong type", { ...draft, title: 5 }, "title: must be text (was 5)"],
  ["a missing field", { labId: "dark-energy" }, "title: must be text (is missing)"],
  [
    "too small a number",
    { ...draft, estimatedSeconds: -1 },
    /^estimatedSeconds: must be (at least|more than) 0 \(was -1\)$/,
  ],
  [
    "an unknown field",
    { ...draft, priorty: "low" },
    /^priorty: unknown \(did you mean priority\?\); allowed are labId, title/,
  ],
  [
    "a field nobody may have",
    `{"labId": "dark-energy", "title": "x", "__proto__": {"priority": "low"}}`,
    "__proto__: no field may have this name",
  ],
  ["a NUL", { ...draft, config: { args: ["a\0b"] } }, "config.args.0: has a NUL character"],
  ["a list", [draft], "body: must be an object (was a list)"],
  ["nothing", "null", "body: must be an object (was null)"],
  ["broken JSON", '{"labId": "dark-energy",\n "title": }', "body: is no JSON: line 2, column 11: value expected"],
  ["half a JSON", '{"labId"', /^body: is no JSON: line 1, column 9: /],
] as const)("a body with %s is refused in words", async (_, body, message) => {
  const { post } = await open();
  const answer = await post(body);
  expect([answer.status, answer.body.error?.code]).toEqual([422, "validation_error"]);
  expect(answer.body.error?.message).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
});

test("a deep body is refused before anything walks it", async () => {
  const { post } = await open();
  const deep = (levels: number) =>
    `{"labId":"dark-energy","title":"x","config":{"command":"true","a":${"[".repeat(levels)}${"]".repeat(levels)}}}`;
  expect((await post(deep(62))).status).toBe(201);
  expect((await post(deep(63))).body.error?.message).toBe("body: nested deeper than 64 levels");
  expect((await post("[".repeat(2 ** 19))).status).toBe(422);
  expect((await post({ ...draft, title: "[[{".repeat(100) })).status).not.toBe(500);
});

test.each([
  ["text/plain", 415],
  ["application/x-www-form-urlencoded", 415],
  ["application/json; charset=utf-8", 201],
  ["application/merge-patch+json", 201],
])("a body of type %s: %i", async (type, status) => {
  const { post } = await open();
  expect((await post(draft, { "content-type": type })).status).toBe(status);
});

test("a body over the cap is refused by its announcement, or while it is read", async () => {
  const { app, post } = await open();
  expect((await post({ ...draft, title: "x".repeat(2 ** 20) })).status).toBe(413);
  const headers = { authorization: "Bearer owner", "content-type": "application/json", "transfer-encoding": "chunked" };
  let sentBytes = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sentBytes += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(32));
    },
  });
  const init = { method: "POST", headers, body: endless, duplex: "half" } as RequestInit;
  expect((await app.request("/v1/experiments", init)).status).toBe(413);
  expect(sentBytes).toBeLessThan(2 ** 21);
});

test.each([
  ["/v1/experiments?labId=dark-energy&page=2", /^page: unknown; allowed are labId, status/],
  ["/v1/experiments?labId=dark-energy&labId=dark-energy", "labId: given twice; give it once"],
  ["/v1/experiments?labId=dark-energy&limit=0", "limit: must be at least 1 (was 0)"],
  ["/v1/experiments?labId=dark-energy&limit=many", /^limit: must be a number$/],
  ["/v1/experiments?labId=dark-energy&labId[]=a", /^labId\[\]: unknown/],
  ["/v1/experiments?labId=dark%00energy", "labId: has a NUL character"],
  ["/v1/experiments?labId=dark-energy&__proto__=1", /^__proto__: unknown/],
  ["/v1/auth/me?verbose=1", "verbose: unknown; GET /v1/auth/me takes no query"],
])("%s is refused", async (path, message) => {
  const { get } = await open();
  const { status, body } = await get(path);
  expect(status).toBe(422);
  expect(body.error?.message).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
});

test("a wrong method is told which there are", async () => {
  const { ask } = await open();
  const { status, headers, body } = await ask("owner", "PUT /v1/experiments/EXP-001", { body: {} });
  expect([status, headers.get("allow")]).toEqual([404, "GET, PATCH, DELETE"]);
  expect(body.error?.message).toContain("there is GET /v1/experiments/EXP-001");
});

test("no secret comes back in a refusal", async () => {
  const { ask } = await open();
  const { body } = await ask("owner", "POST /v1/auth/sessions/validate", {
    body: { token: ["hs_live_secret"], more: 1 },
  });
  expect(body.error?.message).not.toContain("hs_live_secret");
  for (const header of ["Basic aGVsbG86c2VjcmV0", "Bearer", "Bearer a b", "hk_live_secret"]) {
    const refused = await ask(null, "GET /v1/labs", { headers: { authorization: header } });
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(refused.text).not.toMatch(/aGVsbG8|secret/);
    expect(refused.body.error?.message).toContain("is malformed");
  }
});

test("the data may come under the resource's name", async () => {
  const { ask, create } = await openAccess({}, { envelope: "resource" });
  await create();
  const list = await ask("owner", "GET /v1/experiments?labId=dark-energy");
  expect(list.body).toMatchObject({ experiments: [{ experimentId: "EXP-001" }], meta: { has_more: false } });
  const one = await ask("owner", "GET /v1/experiments/EXP-001");
  expect(one.body).toMatchObject({ experiment: { experimentId: "EXP-001" } });
  expect((await ask("owner", "GET /v1/experiments/EXP-002")).body.error?.code).toBe("not_found");
});
