import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import type { Example, Route } from "../../../src/lab/http/route.js";
import { routes } from "../../../src/lab/routes/index.js";
import { askRoute } from "./asking.js";
import { functionCases, refusalOf } from "./function-calls.js";
import { hostileName, hostileValue, type Path, placesOf, withChange } from "./hostile.js";
import { openWorld } from "./world.js";

/** Fixed, so that a failure is one again; another seed, and more of it, goes in by hand to look further. */
const seed = Number(process.env["FUZZ_SEED"] ?? 20261122);
const times = Number(process.env["FUZZ_TIMES"] ?? 1);
const runs = (once: number) => ({ seed, numRuns: once * times, endOnFailure: true });

const world = await openWorld();
/** A lab that may be changed. */
const scratch = await world.copy();
afterAll(() => world.close());

/** What is in the scratch lab. Whatever changes it is a commit: only after one it is read again. */
const seen = { ts: -1n, contents: "" };
function contents(): string {
  const ts = scratch.store.latestTs();
  if (seen.ts !== ts) Object.assign(seen, { ts, contents: scratch.contents(goesOn) });
  return seen.contents;
}

/** Statuses of the documented codes. */
const refusals = [400, 401, 403, 404, 409, 412, 413, 415, 422];

/** What goes on by itself: a pod is followed and paid for, its runs with it, and a backup ends when it is done. */
const goesOn = /^(pods|events|runs|samples|pod_costs|experiment_costs|backups)$/;

type Part = "query" | "body";

interface Mistake {
  readonly part: Part;
  readonly example: Example;
  /** What the refusal names. */
  readonly field: string;
}

/** Places of the example, and fields that it leaves out. */
function targets({ query, body, example }: Route): { part: Part; path: Path }[] {
  const of = (part: Part, schema: z.ZodObject | undefined) => {
    if (schema === undefined) return [];
    const top = Object.keys(schema.shape).map((name) => [name]);
    const known = new Set(top.map(String));
    const inside = placesOf(example[part] ?? {}).filter((path) => !known.has(String(path)));
    return [...top, ...inside].map((path) => ({ part, path }));
  };
  return [...of("query", query), ...of("body", body)];
}

/** One thing wrong with the example: a field left out, of another kind, or one that nobody knows. */
function mistakes(route: Route): fc.Arbitrary<Mistake> {
  const places = targets(route);
  const parts = (["query", "body"] as const).filter((part) => route[part] !== undefined);
  const wrong = fc.record({ place: fc.constantFrom(...places), value: fc.oneof(hostileValue, fc.constant(undefined)) });
  const unknown = fc.record({
    place: fc.record({ part: fc.constantFrom(...parts), path: fc.tuple(hostileName) }),
    value: fc.constant(1),
  });
  return (
    places.length === 0 ? unknown : fc.oneof({ weight: 6, arbitrary: wrong }, { weight: 1, arbitrary: unknown })
  ).map(({ place: { part, path }, value }) => {
    const plain = part === "query" && value !== undefined ? textOf(value) : value;
    const changed = withChange(route.example[part] ?? {}, path, plain) as Record<string, never>;
    return { part, example: { ...route.example, [part]: changed }, field: String(path[0]) };
  });
}

const textOf = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 5000);

/** Whether the schema itself says no: then the route must. */
const isWrong = (route: Route, { part, example }: Mistake) =>
  !(route[part]?.safeParse(world.real(example[part])).success ?? true);

const taking = routes.filter(({ query, body }) => query !== undefined || body !== undefined);

describe.each(taking.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (_, route) => {
  test("refuses what its schemas refuse, names the field and writes nothing", async () => {
    const before = world.lab.contents();
    await fc.assert(
      fc.asyncProperty(mistakes(route), async (mistake) => {
        fc.pre(isWrong(route, mistake));
        const { status, error } = await askRoute(world.lab, route, world.real(mistake.example));
        expect([413, 422]).toContain(status);
        if (!error?.message.startsWith("body: nested deeper")) expect(error?.message).toContain(mistake.field);
        expect(error?.message.length).toBeLessThan(2000);
      }),
      runs(15),
    );
    expect(world.lab.contents()).toBe(before);
    expect(world.lab.faults).toEqual([]);
  });

  test("answers anything else as documented, too", async () => {
    await fc.assert(
      fc.asyncProperty(mistakes(route), async ({ example }) => {
        const before = contents();
        const { status } = await askRoute(scratch, route, world.real(example));
        if (status < 300) return;
        expect(refusals).toContain(status);
        expect(contents()).toBe(before);
      }),
      runs(10),
    );
    expect(scratch.faults.splice(0)).toEqual([]);
  });
});

describe.each(functionCases)("$path", ({ path, args }) => {
  test("refuses in a documented way what it does not take, and writes nothing then", async () => {
    const places = Object.keys(args).length === 0 ? [["nobodyKnowsThis"]] : placesOf(args);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom<Path>(...places, ["nobodyKnowsThis"]), hostileValue, async (place, value) => {
        const before = contents();
        try {
          await scratch.call(path, withChange(world.real(args), place, value) as Record<string, unknown>);
        } catch (error) {
          const { code, message } = refusalOf(error);
          expect(code).toMatch(
            /^(argument_error|validation_error|not_found|conflict|forbidden|payload_too_large|unauthorized)$/i,
          );
          expect(message.length).toBeLessThan(3000);
          expect(contents()).toBe(before);
        }
      }),
      runs(8),
    );
  });
});

test("any bytes to any path by any method are answered, with JSON where they are refused", async () => {
  const path = fc.oneof(
    fc.constantFrom(...routes.map((route) => route.path)).chain((known) =>
      fc.array(fc.webSegment({ size: "small" }), { minLength: 3, maxLength: 3 }).map((words) => {
        let next = 0;
        return known.replaceAll(/\{\w+\}/g, () => encodeURIComponent(words[next++ % 3] ?? "x"));
      }),
    ),
    fc.webPath().map((text) => `/v1${text}`),
    fc.constantFrom(
      "/v1/%",
      "/v1/experiments/%ff",
      "/v1/experiments/%00",
      "/v1/files/..%2f..%2fetc",
      "//",
      "/v1/labs/%2e%2e",
    ),
  );
  const type = fc.constantFrom(
    "application/json",
    "text/plain",
    "",
    "multipart/form-data",
    "multipart/form-data; boundary=b",
    "a/b; c",
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"),
      path,
      type,
      bytes,
      async (method, address, contentType, body) => {
        const before = contents();
        const hasBody = method !== "GET" && method !== "HEAD";
        const headers = contentType === "" ? {} : { "content-type": contentType };
        const answer = await scratch.ask(method, address, hasBody ? { body, headers } : { headers });
        if (answer.status < 400) return;
        expect([...refusals, 405]).toContain(answer.status);
        if (method !== "HEAD") expect(answer.error).toMatchObject({ status: answer.status });
        expect(contents()).toBe(before);
      },
    ),
    runs(300),
  );
  expect(scratch.faults).toEqual([]);
});

const uploads = routes.filter(({ example }) => example.form !== undefined);

test.each(uploads.map((route) => [route.path, route] as const))(
  "%s takes no broken form",
  async (_, { path, example }) => {
    const boundary = "b";
    const part = (name: string, value: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${name === "file" ? '; filename="a.svg"' : ""}\r\n\r\n${value}\r\n`;
    const whole = Object.entries(world.real(example.form ?? {}))
      .map(([name, value]) => part(name, value))
      .join("");
    /** Cut off, with something else in its midst, or with a part twice; never as it should be. */
    const broken = fc.oneof(
      fc.nat({ max: whole.length - 1 }).map((length) => whole.slice(0, length)),
      fc
        .tuple(fc.nat({ max: whole.length }), fc.string({ minLength: 1 }))
        .map(([at, text]) => whole.slice(0, at) + text + whole.slice(at)),
      fc
        .constantFrom("labId", "path", "title", "nobodyKnowsThis", "__proto__")
        .map((name) => part(name, "../..") + whole),
    );
    const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
    await fc.assert(
      fc.asyncProperty(broken, async (body) => {
        const before = contents();
        const { status, error } = await scratch.ask("POST", path, { body, headers });
        if (status < 300) return;
        expect(refusals).toContain(status);
        expect(error?.message).not.toBe("");
        expect(contents()).toBe(before);
      }),
      runs(60),
    );
    expect(scratch.faults.splice(0)).toEqual([]);
    expect(
      readdirSync(join(scratch.dataDir, "uploads"), { withFileTypes: true }).filter((each) => each.isFile()),
    ).toEqual([]);
  },
);
