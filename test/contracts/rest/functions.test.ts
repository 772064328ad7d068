import { convexToJson, type Value } from "convex/values";
import { afterAll, expect, test } from "vitest";
import { sampleIds } from "../../../src/contract/sample-ids.js";
import { owner } from "../../../src/lab/access/actor.js";
import { identityOf } from "../../../src/lab/backend.js";
import { functionCases } from "./function-calls.js";
import { ownExamples } from "./own-functions.js";
import { openWorld } from "./world.js";

const world = await openWorld();
afterAll(() => world.close());

test.each(functionCases.filter(({ path }) => Object.hasOwn(ownExamples, path)))(
  "$path answers its example with Convex values",
  async ({ path, kind, args }) => {
    const lab = kind === "query" ? world.lab : await world.copy();
    const value = await lab.call(path, world.real(args));
    expect(() => convexToJson(value as Value)).not.toThrow();
    // Removal is the one that has nothing to tell.
    if (path === "experiments:remove") expect(value).toBeNull();
    else expect(value).toEqual(expect.anything());
    expect(lab.faults).toEqual([]);
  },
);

test("experiments are filtered and paged as over REST", async () => {
  const { labId, lab } = world;
  const list = async (args: Record<string, unknown>) =>
    ((await lab.call("experiments:list", { labId, ...args })) as { _id: string; status: string }[]).map(
      ({ _id }) => _id,
    );
  const { data } = await lab.ask("GET", `/v1/experiments?labId=${labId}&status=draft`);
  const drafts = (data as { _id: string }[]).map(({ _id }) => _id);
  expect(drafts.length).toBeGreaterThan(1);
  expect(await list({ status: "draft" })).toEqual(drafts);
  expect(await list({ status: "draft", limit: 1 })).toEqual(drafts.slice(0, 1));
  expect(await list({ status: "draft", cursor: drafts[0] })).toEqual(drafts.slice(1));
  await expect(list({ status: "nope" })).rejects.toThrow(/status: must be one of/);
});

test("a function and the route that does the same answer the same", async () => {
  const { labId, lab, real } = world;
  const pairs: [string, string][] = [
    ["experiments:get", "/v1/experiments/EXP-054"],
    ["pods:list", `/v1/pods?labId=${labId}`],
    ["pods:get", `/v1/pods/${real({ podId: sampleIds.pod }).podId}`],
    ["pods:ssh", `/v1/pods/${real({ podId: sampleIds.pod }).podId}/ssh`],
    ["costs:pods", `/v1/pods/costs?labId=${labId}`],
    ["costs:experiments", `/v1/experiments/costs?labId=${labId}`],
    ["settings:get", "/v1/labs/dark-energy/settings"],
    ["experiments:queues", `/v1/experiments/queues?labId=${labId}`],
    ["experimentMetrics:series", "/v1/experiments/EXP-054/metrics?name=chain.rminus1"],
  ];
  for (const [path, address] of pairs) {
    const value = await lab.call(path, real(ownExamples[path] ?? {}));
    const { data } = await lab.ask("GET", address);
    expect(JSON.parse(JSON.stringify(value)), path).toEqual(data);
  }
});

test("every live query names what it depends on", async () => {
  const identity = identityOf(owner);
  const silent: string[] = [];
  for (const { path, kind, args } of functionCases) {
    if (kind !== "query") continue;
    const call = { path, args: world.real(args), identity, journal: null };
    const result = await world.lab.backend.read(async (reader) => reader.query(call));
    if (result.topics.length === 0) silent.push(path);
  }
  // That one looks back, once.
  expect(silent).toEqual(["experimentLogs:query"]);
});
