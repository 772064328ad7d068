import { afterAll, describe, expect, test } from "vitest";
import { routes } from "../../../src/lab/routes/index.js";
import { askRoute } from "./asking.js";
import { functionCases, refusalOf } from "./function-calls.js";
import { openWorld } from "./world.js";

const world = await openWorld();
const before = world.lab.contents();
afterAll(() => world.close());

const closed = routes.filter(({ needs }) => needs !== null);
const nounOf = (needs: string | null) => needs?.split(":")[0] ?? "any";

/** Of every lab: skills and what executions teach; and what is about the caller alone. */
const isForAll = (name: string) =>
  /^(auth|skills|learning|pods:(stock|providers))|\/(auth|skills|learning|pods\/(stock|providers))/.test(name);

describe.each(closed.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (name, route) => {
  const ask = (token: string | null) => askRoute(world.lab, route, world.real(route.example), { token });

  test("wants a token that is good", async () => {
    for (const token of [null, "wrong", world.keys.expired, world.keys.revoked]) {
      const { status, error, headers } = await ask(token);
      expect([status, error?.code]).toEqual([401, "unauthorized"]);
      expect(headers.get("www-authenticate")).toBe("Bearer");
      expect(error?.message).toMatch(/^Authorization: /);
    }
    expect(world.lab.contents()).toBe(before);
  });

  if (route.needs !== "any")
    test("wants its scope", async () => {
      const { status, error } = await ask(world.keys.without[nounOf(route.needs)] ?? "");
      expect([status, error?.code]).toEqual([403, "forbidden"]);
      expect(error?.message).toContain(route.needs);
      expect(world.lab.contents()).toBe(before);
    });

  if (!isForAll(route.path))
    test("is not there for a key of another lab", async () => {
      const { status, data, error } = await ask(world.keys.foreign);
      if (status === 200) expectNothing(name, data);
      else expect([status, error?.code]).toEqual(expectedOf(route.path));
      expect(world.lab.contents()).toBe(before);
    });
});

/** What is made for the whole server needs a right to all of it, and says so. */
function expectedOf(path: string): [number, string] {
  if (path === "/v1/labs") return [403, "forbidden"];
  return path.endsWith("bulk-update") ? [422, "validation_error"] : [404, "not_found"];
}

/** A list of one's own: it has nothing of the lab that is not the caller's. */
function expectNothing(name: string, data: unknown): void {
  const text = JSON.stringify(data);
  for (const word of [world.labId, "EXP-05", "planck"]) expect(text, name).not.toContain(word);
}

describe.each(functionCases.filter(({ needs }) => needs !== null))("$path", ({ path, needs, args }) => {
  const refused = async (token: string | null) => {
    const actor = token === null ? null : await world.lab.actorOf(token);
    try {
      return { value: await world.lab.call(path, world.real(args), actor) };
    } catch (error) {
      return refusalOf(error);
    }
  };

  test("wants a token, and one with its scope", async () => {
    expect(await refused(null)).toMatchObject({ code: expect.stringMatching(/^unauthorized$/i) as string });
    for (const token of [world.keys.expired, world.keys.revoked]) expect(await world.lab.actorOf(token)).toBeNull();
    if (needs !== "any") {
      const answer = await refused(world.keys.without[nounOf(needs)] ?? "");
      expect(answer).toMatchObject({ code: expect.stringMatching(/^forbidden$/i) as string });
    }
    expect(world.lab.contents()).toBe(before);
  });

  if (!isForAll(path))
    test("is not there for a key of another lab", async () => {
      const answer = await refused(world.keys.foreign);
      if ("value" in answer) expectNothing(path, answer.value);
      else expect(["not_found", "forbidden", "validation_error"]).toContain(answer.code);
      expect(world.lab.contents()).toBe(before);
    });
});
