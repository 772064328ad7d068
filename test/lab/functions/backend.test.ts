import { EventEmitter, once } from "node:events";
import { ConvexError, convexToJson, type Value } from "convex/values";
import { expect, test } from "vitest";
import type { Experiment } from "../../../src/contract/experiment.js";
import { owner } from "../../../src/lab/access/actor.js";
import { createBackend, identityOf, pruneAnswers } from "../../../src/lab/backend.js";
import { functions } from "../../../src/lab/functions/index.js";
import { routes } from "../../../src/lab/routes/index.js";
import type { QueryResult } from "../../../src/lab/sync/backend.js";
import { openServices } from "./fake-services.js";

async function open() {
  const lab = await openServices();
  const backend = createBackend({
    ...lab,
    functions,
    actorOf: async (given) => Promise.resolve(given === "secret" ? owner : null),
  });
  const identity = identityOf(owner);
  const query = (path: string, args: Record<string, unknown> = {}, journal: string | null = null) =>
    backend.read(async (reader) => reader.query({ path, args, identity, journal }));
  const value = async (path: string, args: Record<string, unknown> = {}) => valueOf(await query(path, args));
  const mutate = async (path: string, args: Record<string, unknown>, requestId?: number) =>
    backend.mutation({ path, args, identity }, requestId === undefined ? null : { sessionId: "session-1", requestId });
  return { ...lab, backend, query, value, mutate };
}

function valueOf(result: QueryResult): unknown {
  if ("error" in result) throw result.error;
  expect(() => convexToJson(result.value as Value)).not.toThrow();
  return result.value;
}

/** Of the reference, by module: what mirrors REST, and the older product's calls. */
const documented: Readonly<Record<string, string>> = {
  labs: "list get create patch remove status gallery",
  experiments:
    "list get create patch cancel restart remove queues templates getLogs qc rerunQc statuses attempts resume copy",
  experimentLogs: "list since head page query",
  experimentMetrics: "list series post",
  queues: "list get create patch remove",
  batches: "list get create cancel remove",
  templates: "list get create patch remove",
  pods: "list get ssh create patch start stop restart terminate deploy stock providers fetchOutputs",
  telemetry: "recent latest",
  costs: "summary pods experiments",
  activity: "list",
  tasks: "list get create patch remove bulkUpdate reviews review",
  agents: "list get create patch remove start stop activity report messages send metrics",
  papers: "list get create patch remove versions version recordVersion",
  projects: "list get create patch remove",
  figures: "list get update remove",
  files: "list get write update remove",
  webhooks: "list get create patch remove test deliveries redeliver",
  backups: "list get create remove stats",
  settings: "get update patch",
  search: "search",
  auth: "createSession validateSession refreshSession endSession createApiToken listApiTokens revokeApiToken me",
  skills: "getByName search list register lineage",
  learning: "report list stats",
};

test("the functions of the reference are all there", () => {
  const names = Object.entries(documented).flatMap(([module, words]) =>
    words.split(" ").map((word) => `${module}:${word}`),
  );
  expect(names.filter((name) => !Object.hasOwn(functions, name))).toEqual([]);
});

test("what a route names as its function asks for the same rights", () => {
  for (const { call, needs } of routes) {
    if (call !== null) expect(functions[call.path]).toMatchObject({ kind: call.kind, needs });
  }
});

test("every query answers with Convex values, and with the topics that wake it", async () => {
  const { query, create, labId } = await open();
  const { _id } = await create();
  const experimentId = _id;
  const wanted: [string, Record<string, unknown>, string[]][] = [
    ["experiments:list", { labId: "dark-energy", limit: 5 }, ["experiments"]],
    ["experiments:get", { experimentId: "EXP-001" }, [`experiment:${_id}`]],
    ["experimentLogs:list", { experimentId }, [`logs:${_id}`]],
    ["experiments:getLogs", { experimentId }, [`logs:${_id}`]],
    ["experimentLogs:since", { experimentId, after: -1 }, [`logs:${_id}`]],
    ["experimentLogs:since", { experimentId, after: -1, upTo: 5 }, []],
    ["experimentLogs:head", { experimentId }, [`logs:${_id}`]],
    ["experimentLogs:page", { experimentId, paginationOpts: { numItems: 5, cursor: null } }, [`logs:${_id}`]],
    ["experimentMetrics:list", { experimentId }, [`metrics:${_id}`]],
    ["pods:list", { labId }, ["pods"]],
    ["telemetry:recent", { sinceMs: 5 }, ["telemetry"]],
    ["labs:list", {}, ["labs", `agents:${labId}`]],
    ["costs:summary", { labId }, ["costs", `settings:${labId}`]],
    ["costs:pods", { labId, month: "current" }, ["costs"]],
    ["costs:experiments", { labId }, ["costs"]],
    ["settings:get", {}, [`settings:${labId}`]],
    ["templates:list", {}, [`templates:${labId}`]],
  ];
  for (const [path, args, topics] of wanted) {
    const result = await query(path, args);
    valueOf(result);
    expect([path, result.topics]).toEqual([path, topics]);
  }
});

test("a change wakes exactly the queries that read what it wrote", async () => {
  const { backend, mutate, create, labId } = await open();
  const { _id } = await create();
  const commits: (readonly string[])[] = [];
  backend.onCommit(({ topics }) => commits.push(topics.toSorted()));
  await mutate("experiments:patch", { experimentId: "EXP-001", priority: "high" });
  expect(commits).toEqual([[`activity:${labId}`, "events", `experiment:${_id}`, "experiments"].sort()]);
});

test("an experiment that is not there yet is asked for again when the list changes", async () => {
  const { query } = await open();
  const result = await query("experiments:get", { experimentId: "EXP-001" });
  expect(result.topics).toEqual(["experiments"]);
  const { error } = result as { error: unknown };
  expect(error).toBeInstanceOf(ConvexError);
  expect((error as ConvexError<{ code: string }>).data).toMatchObject({ code: "not_found", status: 404 });
});

test("a mutation resent with the same request runs once and answers as it did", async () => {
  const { mutate, value, store } = await open();
  const draft = { title: "once", config: { command: "true" } };
  const first = await mutate("experiments:create", draft, 0);
  const again = await mutate("experiments:create", draft, 0);
  expect(again.ts).toBe(first.ts);
  expect(again.value).toEqual(first.value);
  expect(await value("experiments:list")).toHaveLength(1);
  await mutate("experiments:create", draft, 1);
  expect(await value("experiments:list")).toHaveLength(2);
  expect(await store.db.selectFrom("session_requests").selectAll().execute()).toHaveLength(2);
});

test("two resends at once run once", async () => {
  const { mutate, value } = await open();
  const draft = { title: "once", config: { command: "true" } };
  const answers = await Promise.all([0, 0, 0].map((id) => mutate("experiments:create", draft, id)));
  expect(new Set(answers.map(({ ts }) => ts)).size).toBe(1);
  expect(await value("experiments:list")).toHaveLength(1);
});

test("a refused mutation writes nothing, not even its answer, and its refusal is data", async () => {
  const { mutate, store } = await open();
  const refused = await mutate("experiments:create", { title: "x", template: "nope" }, 7).catch((e: unknown) => e);
  expect(refused).toBeInstanceOf(ConvexError);
  expect((refused as ConvexError<{ code: string }>).data).toMatchObject({ code: "validation_error", status: 422 });
  expect(await store.db.selectFrom("session_requests").selectAll().execute()).toEqual([]);
  expect(await store.db.selectFrom("experiments").selectAll().execute()).toEqual([]);
});

test("answers are kept a week", async () => {
  const { mutate, store, clock } = await open();
  await mutate("experiments:create", { title: "x", config: { command: "true" } }, 0);
  const count = async () => (await store.db.selectFrom("session_requests").selectAll().execute()).length;
  clock.at += 6 * 24 * 3_600_000;
  await pruneAnswers(store);
  expect(await count()).toBe(1);
  clock.at += 2 * 24 * 3_600_000;
  await pruneAnswers(store);
  expect(await count()).toBe(0);
});

test("the lab's own token is let in, another is refused, none is nobody", async () => {
  const { backend, value } = await open();
  expect(await backend.authenticate({ type: "User", value: "secret" })).toEqual(identityOf(owner));
  await expect(backend.authenticate({ type: "User", value: "secre" })).rejects.toThrow(/^Nobody has this token/);
  expect(await backend.authenticate({ type: "None" })).toBeNull();
  const stranger = await backend.read(async (reader) =>
    reader.query({ path: "experiments:list", args: {}, identity: null, journal: null }),
  );
  expect("error" in stranger && stranger.error).toBeInstanceOf(ConvexError);
  await expect(value("experiments:nope")).rejects.toThrow(/Could not find public function/);
});

test("all queries of one read see one state, and its ts", async () => {
  const { backend, create } = await open();
  await create();
  const counts: number[] = [];
  const call = { path: "experiments:list", args: {}, identity: identityOf(owner), journal: null };
  const gate = new EventEmitter();
  const asked = once(gate, "asked");
  const reading = backend.read(async (reader) => {
    const count = async () => counts.push((valueOf(await reader.query(call)) as Experiment[]).length);
    await count();
    gate.emit("asked");
    await once(gate, "release");
    await count();
    expect(reader.ts).toBe(backend.latestTs());
  });
  await asked;
  const creation = create();
  await new Promise(setImmediate);
  gate.emit("release");
  await Promise.all([reading, creation]);
  expect(counts).toEqual([1, 1]);
});

test("pages of a log keep their end while lines arrive", async () => {
  const { query, create, logs } = await open();
  const { _id } = await create();
  logs.append(_id, "a", "b", "c", "d", "e");
  const page = async (cursor: string | null, journal: string | null = null) => {
    const result = await query(
      "experimentLogs:page",
      { experimentId: _id, paginationOpts: { numItems: 2, cursor } },
      journal,
    );
    const { page, isDone, continueCursor } = valueOf(result) as {
      page: { message: string }[];
      isDone: boolean;
      continueCursor: string;
    };
    const kept = "journal" in result ? (result.journal ?? null) : null;
    return { text: page.map(({ message }) => message).join(""), isDone, continueCursor, kept };
  };
  const first = await page(null);
  expect(first).toMatchObject({ text: "ed", isDone: false });
  const second = await page(first.continueCursor);
  expect(second).toMatchObject({ text: "cb", isDone: false });
  logs.append(_id, "f", "g", "h");
  expect((await page(null, first.kept)).text).toBe("hgfed");
  expect(await page(second.continueCursor)).toMatchObject({ text: "a", isDone: true });
});
