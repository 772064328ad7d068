import { afterAll, describe, expect, test } from "vitest";
import { sampleIds } from "../../../src/contract/sample-ids.js";
import type { Route } from "../../../src/lab/http/route.js";
import { routes } from "../../../src/lab/routes/index.js";
import { askRoute } from "./asking.js";
import { openWorld } from "./world.js";

// Requests that name what is not there, not theirs, or not as they think.

const world = await openWorld();
const { lab, labId, foreign, real } = world;
afterAll(() => world.close());

const named = (wanted: readonly Route[]) => wanted.map((route) => [`${route.method} ${route.path}`, route] as const);

/** Bodies and queries by what they name of the other lab, and the field that the refusal tells. */
const foreigners: readonly [string, Record<string, unknown>, string][] = [
  ["POST /v1/experiments", { title: "x", config: { command: "true" }, projectId: foreign.projectId }, "projectId"],
  ["POST /v1/experiments", { title: "x", config: { command: "true" }, parent: foreign.experimentId }, "parent"],
  ["POST /v1/experiments", { title: "x", config: { command: "true" }, queue: foreign.queue }, "queue"],
  ["POST /v1/experiments", { title: "x", config: { command: "true" }, dependsOn: [foreign.experimentId] }, "dependsOn"],
  ["POST /v1/experiments", { title: "x", template: foreign.template }, "template"],
  ["POST /v1/experiments/batches", { title: "x", template: foreign.template, grid: { seed: [1] } }, "template"],
  ["POST /v1/experiments/templates", { name: "x", title: "x", fromExperiment: foreign.experimentId }, "fromExperiment"],
  ["PATCH /v1/experiments/EXP-056", { projectId: foreign.projectId }, "projectId"],
  ["PATCH /v1/experiments/EXP-056", { queue: foreign.queue }, "queue"],
  ["PATCH /v1/experiments/EXP-056", { dependsOn: [foreign.experimentId] }, "dependsOn"],
  ["POST /v1/tasks", { title: "x", experimentId: foreign.experimentId }, "experimentId"],
  ["POST /v1/tasks", { title: "x", assignedTo: foreign.agentId }, "assignedTo"],
  ["PATCH /v1/tasks/T-104", { assignedTo: foreign.agentId }, "assignedTo"],
  ["POST /v1/tasks/bulk-update", { ids: [foreign.taskId, "T-104"], changes: { priority: "low" } }, "ids"],
  ["POST /v1/agents", { name: "x", reportsTo: foreign.agentId }, "reportsTo"],
  ["PATCH /v1/agents/alpha", { reportsTo: foreign.agentId }, "reportsTo"],
  ["POST /v1/papers", { title: "x", projectId: foreign.projectId }, "projectId"],
  ["PATCH /v1/papers/evolving-dark-energy", { projectId: foreign.projectId }, "projectId"],
  [`PATCH /v1/figures/${sampleIds.figure}`, { paperId: foreign.paperId }, "paperId"],
  [`PATCH /v1/figures/${sampleIds.figure}`, { experimentId: foreign.experimentId }, "experimentId"],
  ["POST /api/pipeline/upload-media", { title: "x", data: "iVBORw0KGgo=", paperId: foreign.paperId }, "paperId"],
  [`POST /v1/pods/${sampleIds.pod}/deploy`, { experimentId: foreign.experimentId }, foreign.experimentId],
];

/** Of the lab and of nothing else: where the request does not say of which lab it is. */
const ownKey = (await lab.services.keys.create({ name: "own", labId, scopes: [`lab:${sampleIds.labSlug}:admin`] })).key;
const before = lab.contents();

test.each(foreigners)("%s with what another lab has is refused: %j", async (route, body, field) => {
  const [method = "", path = ""] = route.split(" ");
  const needsLab = method === "POST" && !/pods|bulk/.test(path);
  const { status, error } = await lab.ask(method, real(path.split("/")).join("/"), {
    token: ownKey,
    body: needsLab ? { labId, ...body } : body,
  });
  expect([404, 422]).toContain(status);
  expect(error?.message).toContain(field);
  expect(lab.contents()).toBe(before);
});

describe("a cursor that is of no page of the list", () => {
  // Outputs are in order of their paths, of which every one is a place, there or not.
  const paged = routes.filter(
    ({ path, query }) => query !== undefined && Object.hasOwn(query.shape, "cursor") && !path.endsWith("/outputs"),
  );
  test("is asked of every list", () => expect(paged.length).toBeGreaterThan(20));
  test.each(named(paged))("%s", async (_, route) => {
    const theirs = route.path === "/v1/labs" ? foreign.paperId : labId;
    for (const cursor of ["nonsense", theirs, "x".repeat(3000), "-1", "{}"]) {
      const example = { ...real(route.example), query: { ...real(route.example).query, cursor } };
      const { status, error } = await askRoute(lab, route, example);
      expect([cursor.slice(0, 20), status]).toEqual([cursor.slice(0, 20), 422]);
      expect(error?.message).toContain("cursor");
    }
  });
});

const withParams = routes.filter(({ params }) => params !== undefined);

test.each(named(withParams))("%s finds nothing under names that nobody has", async (_, route) => {
  const { params = {}, ...rest } = real(route.example);
  for (const name of Object.keys(params)) {
    for (const value of [
      "nobody-has-this",
      "../../etc/passwd",
      "..\\..",
      "%2e%2e%2f",
      "x".repeat(5000),
      "\u202e",
      "-1",
      "__proto__",
    ]) {
      const { status, error } = await askRoute(lab, route, {
        ...rest,
        params: { ...params, [name]: value },
      });
      expect([404, 422]).toContain(status);
      expect(error?.message).not.toContain(lab.dataDir);
    }
    const { status } = await askRoute(lab, route, { ...rest, params: { ...params, [name]: "a\u0000b" } });
    expect(status).toBe(422);
  }
  expect(lab.contents()).toBe(before);
  expect(lab.faults).toEqual([]);
});

const readers = new Set(routes.filter(({ method }) => method === "get").map(({ path }) => path));
const editing = routes.filter(({ method, path }) => (method === "patch" || method === "delete") && readers.has(path));

test.each(named(editing.filter(({ path }) => path !== "/v1/files")))(
  "%s does not overwrite what was changed",
  async (_, route) => {
    const { status, error } = await askRoute(lab, route, real(route.example), {
      headers: { "if-match": '"stale.stale"' },
    });
    expect([status, error?.code]).toEqual([412, "precondition_failed"]);
    expect(lab.contents()).toBe(before);
  },
);

const posting = routes.filter(({ method, example }) => method === "post" && example.form === undefined);

test.each(named(posting))("%s with one Idempotency-Key twice is done once", async (_, route) => {
  const own = await world.copy();
  const ask = () => askRoute(own, route, real(route.example), { headers: { "idempotency-key": "once" } });
  const first = await ask();
  expect(first.status).toBe(route.status);
  const between = own.contents(/^(pods|events)$/);
  const again = await ask();
  if (route.isSecret) expect([again.status, again.error?.code]).toEqual([409, "conflict"]);
  else {
    expect(again.text).toBe(first.text);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  }
  expect(own.contents(/^(pods|events)$/)).toBe(between);
});

test("a display id is given once, and nothing waits for itself", async () => {
  const draft = { labId, title: "x", config: { command: "true" } };
  const own = await world.copy();
  const taken = await own.ask("POST", "/v1/experiments", { body: { ...draft, experimentId: sampleIds.experiment } });
  expect([taken.status, taken.error?.message]).toEqual([409, expect.stringMatching(/^experimentId: EXP-054 is taken/)]);
  const body = { ...draft, dependsOn: [sampleIds.queuedExperiment] };
  const { data } = await own.ask("POST", "/v1/experiments", { body });
  const { experimentId } = data as { experimentId: string };
  for (const dependsOn of [[experimentId], [sampleIds.queuedExperiment]]) {
    const { status, error } = await own.ask("PATCH", "/v1/experiments/EXP-056", { body: { dependsOn } });
    expect([status, error?.message]).toEqual([422, expect.stringMatching(/dependsOn/)]);
  }
});
