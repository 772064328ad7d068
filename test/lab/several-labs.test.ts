import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { Config } from "../../src/config/config.js";
import { systemClock } from "../../src/core/clock.js";
import { type Actor, owner } from "../../src/lab/access/actor.js";
import { createBackend, identityOf } from "../../src/lab/backend.js";
import { composeLab } from "../../src/lab/compose.js";
import { functions } from "../../src/lab/functions/index.js";
import { createApp } from "../../src/lab/http/app.js";
import { hourOf } from "../../src/lab/money/charge.js";
import { openSqlite } from "../../src/lab/store/sqlite.js";
import { createStore, type LabStore, migrate } from "../../src/lab/store/store.js";

// Two labs in one server, both with an experiment, a rented pod and costs. Whatever belongs to the second has this word in its names.
const mark = "zanzibar";

const keyOf = (labId: string): Actor => ({
  kind: "key",
  id: `key-of-${labId}`,
  name: "key",
  grants: [{ labId, noun: "*", verb: "admin" }],
  plan: null,
  expiresAt: null,
});

async function openLabs() {
  const dataDir = mkdtempSync(join(tmpdir(), "hubify-labs-"));
  const { db } = openSqlite(join(dataDir, "lab.db"));
  await migrate(db);
  const store = await createStore(db, systemClock);
  const lab = await composeLab({
    store,
    clock: systemClock,
    dataDir,
    settings: { ...Config.parse({}).lab, costPerHourUsd: 36 },
    configDir: dataDir,
    templatesEntry: "",
    env: { PATH: process.env["PATH"] },
    version: "1.2.3",
    log: () => undefined,
  });
  const { services } = lab;
  const make = async (ref: string, title: string, podName: string) => {
    const id = await services.labs.idOf(ref);
    const draft = { labId: id, title, config: { command: "true" } };
    // No machine here has such a GPU: it waits.
    const { _id: experiment } = await services.experiments.create({ ...draft, computeMode: "H200" });
    await addPod(store, id, podName);
    return { id, experiment };
  };
  const a = await make("local", "of the first", "sweep");
  await services.labs.create({ name: `Lab ${mark}`, slug: mark });
  const b = await make(mark, `of ${mark}`, mark);
  const actors = new Map<string, Actor>([
    ["owner", owner],
    ["a", keyOf(a.id)],
    ["b", keyOf(b.id)],
  ]);
  const actorOf = (token: string) => actors.get(token) ?? null;
  const app = createApp({
    services,
    store,
    clock: systemClock,
    version: "1.2.3",
    heartbeatMs: 15_000,
    actorOf,
    requestsPerMinute: 10_000,
    onFault: (_, error) => expect.fail(String(error)),
  });
  const backend = createBackend({ store, services, functions, actorOf, clock: systemClock });
  await lab.start();
  return { lab, store, app, backend, actors, a, b };
}

const { lab, store, app, backend, actors, a, b } = await openLabs();

afterAll(async () => {
  await lab.stop();
  await store.close();
});

/** A pod that its lab rents for 10 $/h, and that cost 20 $ in this hour. */
async function addPod(store: LabStore, labId: string, name: string): Promise<void> {
  await store.change(async ({ tx, at }) => {
    const id = `pod-${name}`;
    await tx
      .insertInto("pods")
      .values({
        id,
        lab_id: labId,
        provider: "runpod",
        name,
        gpu_type: "H100",
        gpu_count: 1,
        status: "running",
        status_reason: null,
        accepts_work: 0,
        slots: 1,
        cost_per_hour_usd: 10,
        started_at: at,
        created_at: at,
        updated_at: at,
        provider_id: `rp-${name}`,
        created_by_lab: 1,
      })
      .execute();
    await tx
      .insertInto("pod_costs")
      .values({ pod_id: id, hour_at: hourOf(at), gpu_micros: 20_000_000, running_ms: 3_600_000 })
      .execute();
    await tx
      .insertInto("samples")
      .values({ pod_id: id, at, resolution_ms: 2000, cpu_percent: 50, slots_used: 0 })
      .execute();
  });
}

async function rest(who: string, method: string, path: string, body?: unknown) {
  const response = await app.request(path, {
    method,
    headers: {
      authorization: `Bearer ${who}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, data: (JSON.parse(text) as { data?: unknown }).data };
}

async function call(who: string, path: string, args: Record<string, unknown>): Promise<unknown> {
  const identity = identityOf(actors.get(who) ?? owner);
  const kind = backend.functionKind(path);
  if (kind === "query") {
    const result = await backend.read(async (reader) => reader.query({ path, args, identity, journal: null }));
    if ("error" in result) throw result.error;
    return result.value;
  }
  const done = await (kind === "mutation"
    ? backend.mutation({ path, args, identity }, null)
    : backend.action({ path, args, identity }));
  return done.value;
}

/** Nothing in it is the second lab's. */
function expectClean(what: string, value: unknown): void {
  const text = JSON.stringify(value);
  for (const word of [mark, b.id, b.experiment, "pod-zanzibar"]) expect(text, `${what}: ${word}`).not.toContain(word);
}

test("every list, total, sample and live query of one lab's key is without the other's", async () => {
  const paths = [
    "/v1/labs",
    "/v1/labs/local",
    "/v1/labs/local/status",
    "/v1/labs/local/settings",
    `/v1/experiments?labId=${a.id}`,
    "/v1/experiments/EXP-001",
    `/v1/experiments/costs?labId=${a.id}`,
    `/v1/pods?labId=${a.id}`,
    "/v1/pods/providers",
    "/v1/pods/stock",
    `/v1/pods/costs?labId=${a.id}`,
    `/v1/costs?labId=${a.id}`,
    `/v1/telemetry?labId=${a.id}`,
    `/v1/activity?labId=${a.id}`,
  ];
  for (const path of paths) {
    const { status, data } = await rest("a", "GET", path);
    expect([path, status]).toEqual([path, 200]);
    expectClean(path, data);
    if (/^.v1.(pods|costs|pods.costs|telemetry)\?/.test(path)) expect(JSON.stringify(data)).toContain("pod-sweep");
  }
  for (const path of ["labs:list", "labs:get", "labs:status", "pods:list", "pods:providers", "telemetry:latest"]) {
    const args = path === "labs:get" ? { labId: "local" } : path === "labs:status" ? { slug: "local" } : {};
    expectClean(path, await call("a", path, args));
  }
  for (const path of ["costs:summary", "costs:pods", "costs:experiments", "settings:get", "experiments:list"]) {
    expectClean(path, await call("a", path, {}));
  }
  expectClean("telemetry:recent", await call("a", "telemetry:recent", { sinceMs: 0 }));
});

test("whatever names something of another lab finds nothing, by id, slug or name", async () => {
  const { id, experiment } = b;
  const patch = { title: "mine" };
  const refused: readonly (readonly [string, string, unknown?])[] = [
    ...[id, mark].flatMap((ref): (readonly [string, string, unknown?])[] => [
      ["GET", `/v1/labs/${ref}`],
      ["PATCH", `/v1/labs/${ref}`, { name: "mine" }],
      ["DELETE", `/v1/labs/${ref}?confirm=${mark}`],
      ["GET", `/v1/labs/${ref}/status`],
      ["GET", `/v1/labs/${ref}/settings`],
      ["PATCH", `/v1/labs/${ref}/settings`, { autoScheduleEnabled: true }],
      ["GET", `/v1/experiments?labId=${ref}`],
      ["POST", "/v1/experiments", { labId: ref, title: "mine", config: { command: "true" } }],
      ["GET", `/v1/experiments/costs?labId=${ref}`],
      ["GET", `/v1/pods?labId=${ref}`],
      ["POST", "/v1/pods", { labId: ref, gpuType: "H100" }],
      ["GET", `/v1/pods/costs?labId=${ref}`],
      ["GET", `/v1/costs?labId=${ref}`],
      ["GET", `/v1/telemetry?labId=${ref}`],
      ["GET", `/v1/activity?labId=${ref}`],
    ]),
    ["GET", `/v1/experiments/${experiment}`],
    ["PATCH", `/v1/experiments/${experiment}`, patch],
    ["DELETE", `/v1/experiments/${experiment}`],
    ["POST", `/v1/experiments/${experiment}/cancel`],
    ["POST", `/v1/experiments/${experiment}/restart`],
    ["GET", `/v1/experiments/${experiment}/metrics`],
    ["GET", `/v1/experiments/${experiment}/logs`],
    ["GET", `/v1/experiments/costs?labId=${a.id}&experimentId=${experiment}`],
    ["POST", `/v1/pods/sweep/deploy`, { experimentId: experiment }],
    ...[`pod-${mark}`, mark, `rp-${mark}`].flatMap((ref): (readonly [string, string, unknown?])[] => [
      ["GET", `/v1/pods/${ref}`],
      ["PATCH", `/v1/pods/${ref}`, { autoStop: false }],
      ...["start", "stop", "restart", "terminate", "outputs"].map((act) => ["POST", `/v1/pods/${ref}/${act}`] as const),
      ["POST", `/v1/pods/${ref}/deploy`, { experimentId: "EXP-001" }],
      ["GET", `/v1/pods/${ref}/ssh`],
      ["GET", `/v1/pods/${ref}/logs`],
      ["GET", `/v1/telemetry?labId=${a.id}&podId=${ref}`],
    ]),
  ];
  for (const [method, path, body] of refused) {
    const { status, text } = await rest("a", method, path, body);
    expect([method, path, status, text]).toEqual([method, path, 404, expect.stringContaining("does not exist")]);
  }
  const calls: readonly (readonly [string, Record<string, unknown>])[] = [
    ...["experiments:list", "pods:list", "costs:summary", "costs:pods", "settings:get", "telemetry:latest"].map(
      (path) => [path, { labId: mark }] as const,
    ),
    ["telemetry:recent", { labId: id, sinceMs: 0 }],
    ["costs:experiments", { experimentId: experiment }],
    ["settings:patch", { labId: mark, autoScheduleEnabled: true }],
    ["experiments:get", { experimentId: experiment }],
    ["experimentLogs:list", { experimentId: experiment }],
    ["experimentMetrics:list", { experimentId: experiment }],
    ["pods:stop", { podId: mark }],
    ["pods:deploy", { podId: mark, experimentId: "EXP-001" }],
  ];
  for (const [path, args] of calls) {
    await expect(call("a", path, args), path).rejects.toMatchObject({ data: { code: "not_found" } });
  }
});

test("the owner sees both, each in its own lab; a display id is of the lab that asks", async () => {
  expect((await rest("owner", "GET", "/v1/labs")).text).toContain(mark);
  const podsOf = async (who: string, labId: string) =>
    ((await rest(who, "GET", `/v1/pods?labId=${labId}`)).data as { name: string; shared: boolean }[])
      .filter(({ shared }) => !shared)
      .map(({ name }) => name);
  expect([await podsOf("owner", a.id), await podsOf("owner", b.id)]).toEqual([["sweep"], [mark]]);
  for (const [who, { experiment }] of [["a", a] as const, ["b", b] as const]) {
    expect((await rest(who, "GET", "/v1/experiments/EXP-001")).data).toMatchObject({ _id: experiment });
  }
  expect((await rest("b", "POST", `/v1/pods/${mark}/deploy`, { experimentId: "EXP-001" })).status).toBe(200);
  expect((await rest("owner", "POST", "/v1/pods/sweep/deploy", { experimentId: b.experiment })).status).toBe(409);
  const waiting = await rest("owner", "GET", `/v1/experiments/${b.experiment}`);
  expect(waiting.data).toMatchObject({ status: "queued", statusReason: expect.stringContaining(mark) as string });
});

test("this machine serves both labs and shows each its own work; its own lab alone drains it", async () => {
  const here = async (who: string, labId: string) =>
    ((await rest(who, "GET", `/v1/pods?labId=${labId}`)).data as { id: string; labId: string; shared: boolean }[]).find(
      ({ shared }) => shared,
    );
  const [ours, theirs] = [await here("a", a.id), await here("b", b.id)];
  expect([ours?.labId, theirs?.labId, theirs?.id]).toEqual([a.id, b.id, ours?.id]);
  for (const act of ["stop", "start", "outputs"]) {
    const { status, text } = await rest("b", "POST", `/v1/pods/${ours?.id ?? ""}/${act}`);
    expect([act, status, text]).toEqual([act, 403, expect.stringContaining("its own lab alone changes it")]);
    expect(text).not.toContain(a.id);
  }
  expect((await rest("b", "GET", `/v1/pods/${ours?.id ?? ""}`)).data).toMatchObject({ labId: b.id, experiments: [] });
  const run = async (who: string, labId: string) => {
    const { data } = await rest(who, "POST", "/v1/experiments", { labId, title: "a run", config: { command: "true" } });
    return (data as { _id: string })._id;
  };
  for (const [who, labId] of [["a", a.id] as const, ["b", b.id] as const]) {
    const id = await run(who, labId);
    await vi.waitFor(
      async () => expect((await rest(who, "GET", `/v1/experiments/${id}`)).data).toMatchObject({ status: "pass" }),
      { timeout: 20_000, interval: 50 },
    );
  }
  expectClean("pods", await rest("a", "GET", `/v1/pods?labId=${a.id}`));
});

test("a lab pays its own pods, and its budget stops its own queue alone", async () => {
  const totalOf = async (who: string, labId: string) => {
    const { data } = await rest(who, "GET", `/v1/costs?labId=${labId}`);
    return data as {
      summary: { totalUsd: number; liveRunning: { podCount: number } };
      budget: { queuePaused: unknown };
    };
  };
  // This machine's price counts for the first lab, in cents after these seconds.
  expect((await totalOf("a", a.id)).summary.totalUsd).toBeCloseTo(20, 0);
  expect((await totalOf("b", b.id)).summary.totalUsd).toBeCloseTo(20, 0);
  expect((await totalOf("a", a.id)).summary.liveRunning.podCount).toBe(2);
  expect((await totalOf("b", b.id)).summary.liveRunning.podCount).toBe(1);
  await rest("b", "PATCH", `/v1/labs/${mark}/settings`, { budgetHardLimitUsd: 5 });
  const draft = { title: "a run", config: { command: "true" } };
  const stands = (await rest("b", "POST", "/v1/experiments", { labId: mark, ...draft })).data as { _id: string };
  const goes = (await rest("a", "POST", "/v1/experiments", { labId: "local", ...draft })).data as { _id: string };
  const isAt = (who: string, { _id }: { _id: string }, state: object) =>
    vi.waitFor(async () => expect((await rest(who, "GET", `/v1/experiments/${_id}`)).data).toMatchObject(state), {
      timeout: 20_000,
      interval: 50,
    });
  await isAt("b", stands, {
    status: "queued",
    statusReason: expect.stringMatching(/^paused: budget of \$5 used up/) as string,
  });
  await isAt("a", goes, { status: "pass" });
  expect((await totalOf("a", a.id)).budget.queuePaused).toBeNull();
  expect((await totalOf("b", b.id)).budget.queuePaused).toMatch(/^paused/);
  expectClean("activity", (await rest("a", "GET", `/v1/activity?labId=${a.id}`)).data);
  await rest("b", "PATCH", `/v1/labs/${mark}/settings`, { budgetHardLimitUsd: null });
  await isAt("b", stands, { status: "pass" });
});
