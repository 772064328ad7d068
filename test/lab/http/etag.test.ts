import { expect, test } from "vitest";
import { openAccess } from "../access/access-fixture.js";

const path = "/v1/experiments/EXP-001";

const open = async () => {
  const lab = await openAccess();
  const made = await lab.create({ title: "first" });
  const etag = async () => (await lab.ask("owner", `GET ${path}`)).headers.get("etag") ?? "";
  const patch = (body: object, ifMatch: string) =>
    lab.ask("owner", `PATCH ${path}`, { body, headers: { "if-match": ifMatch } });
  return { ...lab, id: made._id, etag, patch };
};

test("of two people who edit the same thing the second is told, and nothing is lost", async () => {
  const { data, etag, patch } = await open();
  const read = await etag();
  const [ada, grace] = await Promise.all([patch({ title: "Ada's" }, read), patch({ priority: "low" }, read)]);
  expect([ada.status, grace.status]).toEqual([200, 412]);
  expect(grace.body.error).toMatchObject({
    code: "precondition_failed",
    message: expect.stringContaining(await etag()) as string,
  });
  expect(await data("owner", `GET ${path}`)).toMatchObject({ title: "Ada's", priority: "normal" });
  expect(ada.headers.get("etag")).toBe(await etag());
  const again = await patch({ priority: "low" }, await etag());
  expect(again.body.data).toMatchObject({ title: "Ada's", priority: "low" });
});

test("a run's numbers collide with nobody's edit, but are not taken for known", async () => {
  const { ask, experiments, etag, id, patch } = await open();
  await experiments.claim(id, "pod");
  const read = await etag();
  const known = () => ask("owner", `GET ${path}`, { headers: { "if-none-match": read } });
  const same = await known();
  expect([same.status, same.text, same.headers.get("etag")]).toEqual([304, "", read]);
  expect(same.headers.get("x-ratelimit-limit")).toBe("1000");
  await experiments.observe(id, 1, { progress: 0.5, logLines: 12, metrics: { loss: 1 } });
  expect((await known()).status).toBe(200);
  expect((await patch({ title: "while it runs" }, read)).status).toBe(200);
  expect((await patch({ title: "too late" }, read)).status).toBe(412);
});

test.each([
  ["*", 200],
  ['"nothing.like"', 412],
  ["rubbish", 412],
])("If-Match: %s is answered with %i", async (ifMatch, status) => {
  const { patch } = await open();
  expect((await patch({ title: "x" }, ifMatch)).status).toBe(status);
});

test("a weak tag, and one of a list, count", async () => {
  const { etag, patch } = await open();
  expect((await patch({ title: "x" }, `"other", W/${await etag()}`)).status).toBe(200);
});

test("what is deleted meanwhile stays deleted; what changed is not deleted", async () => {
  const { ask, etag, patch } = await open();
  const read = await etag();
  await patch({ title: "kept" }, read);
  const refused = await ask("owner", `DELETE ${path}`, { headers: { "if-match": read } });
  expect(refused.status).toBe(412);
  expect((await ask("owner", `DELETE ${path}`, { headers: { "if-match": await etag() } })).status).toBe(200);
  expect((await ask("owner", `DELETE ${path}`, { headers: { "if-match": read } })).status).toBe(404);
});

test("lists have none", async () => {
  const { ask } = await open();
  expect((await ask("owner", "GET /v1/labs")).headers.get("etag")).toBeNull();
});
