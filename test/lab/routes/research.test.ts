import { describe, expect, test } from "vitest";
import { routes } from "../../../src/lab/routes/index.js";
import { askExample, callExample, openResearchRest, runExample } from "./research-fixture.js";

const nouns = /^\/(v1\/(projects|tasks|agents|papers|skills|learning)\b|api\/pipeline\/)/;
const own = routes.filter(({ path }) => nouns.test(path));

test("whoever has no token is refused everywhere", async () => {
  const { json } = await openResearchRest();
  expect(own.length).toBeGreaterThan(40);
  for (const { method, path } of own) {
    const refused = await json(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, "x"), { token: null });
    expect([path, refused.status, refused.body.error?.code]).toEqual([path, 401, "unauthorized"]);
  }
});

describe.each(own.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (_, route) => {
  test("answers its example over REST", async () => {
    await runExample(await openResearchRest(), route);
  });

  test.skipIf(route.call === null)("answers its example as a Convex function", async () => {
    await callExample(await openResearchRest(), route);
  });

  test.skipIf(/skills|learning/.test(route.path))("shows a key of another lab nothing", async () => {
    const world = await openResearchRest();
    const before = await world.contents();
    const { status, body } = await askExample(world, route, "foreign");
    expect([status, body.data]).toEqual([route.path.endsWith("bulk-update") ? 422 : 404, undefined]);
    expect(body.error?.message).toContain("does not exist");
    expect(await world.contents()).toEqual(before);
  });
});
