import { sampleIds } from "../../../src/contract/sample-ids.js";
import { owner } from "../../../src/lab/access/actor.js";
import { createBackend, identityOf } from "../../../src/lab/backend.js";
import { functions } from "../../../src/lab/functions/index.js";
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
