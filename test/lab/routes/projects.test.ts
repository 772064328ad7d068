import { expect, test } from "vitest";
import { openRest } from "./rest-fixture.js";

test("how far a project's experiments are collides with nobody's edit", async () => {
  const { json, labId, create, services } = await openRest();
  await services.projects.create({ labId, name: "Dark energy" });
  const etag = (await json("GET", "/v1/projects/dark-energy")).headers.get("etag") ?? "";
  await create({ projectId: "dark-energy" });
  const headers = { "if-match": etag };
  const patched = await json("PATCH", "/v1/projects/dark-energy", { headers, body: { goal: "know" } });
  expect([patched.status, patched.body.data]).toEqual([200, expect.objectContaining({ goal: "know" })]);
  expect((await json("PATCH", "/v1/projects/dark-energy", { headers, body: { goal: "guess" } })).status).toBe(412);
});

test("an experiment of an unknown project is refused in words", async () => {
  const { json, labId } = await openRest();
  const body = { labId, title: "x", config: { command: "true" }, projectId: "j57nothing" };
  const refused = await json("POST", "/v1/experiments", { body });
  expect([refused.status, refused.body.error?.message]).toEqual([
    422,
    expect.stringMatching(/^projectId: j57nothing is no project of this lab; GET \/v1\/projects/),
  ]);
});
