import { afterAll, describe, expect, test } from "vitest";
import type { Route } from "../../../src/lab/http/route.js";
import { routes } from "../../../src/lab/routes/index.js";
import { askRoute } from "./asking.js";
import type { OpenLab } from "./lab-over-files.js";
import { openWorld } from "./world.js";

const world = await openWorld();
afterAll(() => world.close());

/** What changes something gets a lab of its own. */
const labFor = ({ method }: Route): OpenLab | Promise<OpenLab> => (method === "get" ? world.lab : world.copy());

/** The schema takes the answer, and keeps every field of it: nothing is answered that is not documented. */
function expectResult({ result }: Route, value: unknown): void {
  expect(result.parse(value)).toEqual(value);
}

/** A file, an archive, a stream. */
const isBytes = ({ result }: Route) => result.def.type === "string";

const everyHeader = ["x-request-id", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];

describe.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (_, route) => {
  test("answers its example over REST", async () => {
    const lab = await labFor(route);
    const answer = await askRoute(lab, route, world.real(route.example));
    expect(answer.error).toBeUndefined();
    expect(answer.status).toBe(route.status);
    for (const name of everyHeader) expect([name, answer.headers.get(name)]).not.toEqual([name, null]);
    if (isBytes(route)) {
      expect(answer.text).not.toBe("");
      return;
    }
    expectResult(route, answer.data);
    if (route.bare) return;
    expect(answer.meta).toMatchObject({ request_id: answer.headers.get("x-request-id") });
    expect(Date.parse(String(answer.meta["timestamp"]))).toBeGreaterThan(0);
    if (Array.isArray(answer.data)) expect(answer.meta).toHaveProperty("has_more");
  });

  if (route.call !== null)
    test("answers it as a Convex function too", async () => {
      const lab = await labFor(route);
      const { params, query, body } = world.real(route.example);
      expectResult(route, await lab.call(route.call?.path ?? "", { ...params, ...query, ...body }));
      expect(lab.faults).toEqual([]);
    });
});
