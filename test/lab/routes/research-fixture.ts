import { expect } from "vitest";
import { sampleIds } from "../../../src/contract/sample-ids.js";
import { owner } from "../../../src/lab/access/actor.js";
import { createBackend, identityOf } from "../../../src/lab/backend.js";
import { functions } from "../../../src/lab/functions/index.js";
import type { Route } from "../../../src/lab/http/route.js";
import { openRest } from "./rest-fixture.js";

/** A lab that has what the examples name, over REST and Convex. */
export async function openResearchRest() {
  const rest = await openRest();
  const { services, labId, create, store } = rest;
  const { projects, tasks, agents, papers, skills } = services;
  await create({ experimentId: sampleIds.experiment });
  for (const slug of [sampleIds.project, sampleIds.retiredProject]) await projects.create({ labId, name: slug, slug });
  for (const name of [sampleIds.agent, sampleIds.retiredAgent]) await agents.create({ labId, name });
  for (const slug of [sampleIds.paper, sampleIds.retiredPaper]) await papers.create({ labId, title: slug, slug });
  await papers.record(sampleIds.paper, { content: "# First" });
  await skills.register({ name: sampleIds.skill, version: "1.2.0", description: "Strict types" });
  for (const displayId of [sampleIds.task, sampleIds.retiredTask]) {
    const { _id } = await tasks.create({ labId, title: "Check the priors" });
    await store.db.updateTable("tasks").set({ display_id: displayId }).where("id", "=", _id).execute();
    await tasks.patch(_id, { status: "todo" });
  }

  const backend = createBackend({ ...rest, functions, actorOf: (given) => (given === "secret" ? owner : null) });
  const identity = identityOf(owner);
  const call = async ({ path, kind }: { path: string; kind: string }, args: Record<string, unknown>) => {
    if (kind === "mutation") return backend.mutation({ path, args, identity }, null);
    return backend.read(async (reader) => reader.query({ path, args, identity, journal: null }));
  };
  /** Whatever a call may have changed. */
  const contents = () =>
    Promise.all(
      (
        ["projects", "tasks", "task_reviews", "agents", "agent_events", "papers", "paper_versions", "figures"] as const
      ).map((table) => store.db.selectFrom(table).selectAll().execute()),
    );
  return { ...rest, call, contents };
}

type World = Awaited<ReturnType<typeof openResearchRest>>;

const filled = (values: object | undefined, { labId }: World) =>
  JSON.parse(JSON.stringify(values ?? {}).replaceAll(sampleIds.lab, labId)) as Record<string, string>;

/** Asks what a route's example asks, over REST. */
export function askExample(world: World, { method, path, example }: Route, token = "secret") {
  const params = filled(example?.params, world);
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const query = new URLSearchParams(filled(example?.query, world)).toString();
  return world.json(method.toUpperCase(), `${address}?${query}`, {
    token,
    ...(example?.body === undefined ? {} : { body: filled(example.body, world) }),
  });
}

/** Its answer is one of the route. */
export async function runExample(world: World, route: Route) {
  const { status, result } = route;
  const answer = await askExample(world, route);
  expect(answer.body.error).toBeUndefined();
  expect(answer.status).toBe(status);
  expect(result.parse(answer.body.data)).toEqual(answer.body.data);
}

/** Asks the same of the route's Convex function. */
export async function callExample(world: World, { call, example, result }: Route) {
  if (call === null) throw new Error("no function");
  const args = { ...filled(example?.params, world), ...filled(example?.query, world), ...filled(example?.body, world) };
  const answer = await world.call(call, args);
  if ("error" in answer) throw answer.error;
  expect(result.parse(answer.value)).toEqual(answer.value);
}
