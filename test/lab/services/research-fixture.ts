import { expect } from "vitest";
import type { NewAgent } from "../../../src/contract/agent.js";
import type { NewTask } from "../../../src/contract/task.js";
import { type Actor, type Grant, owner } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { createResearch } from "../../../src/lab/services/research.js";
import { openLab } from "./lab-fixture.js";

/** The small nouns on a real store. `heard` has the topics of all changes since it was cleared. */
export async function openResearch() {
  const lab = await openLab();
  const { labs, labId, store, clock } = lab;
  const research = createResearch({ store, labs, clock });
  const heard = new Set<string>();
  store.onChange((topics) => topics.forEach((topic) => heard.add(topic)));
  const task = (draft: Partial<NewTask> = {}) => research.tasks.create({ labId, title: "Check the priors", ...draft });
  const agent = (name: string, draft: Partial<NewAgent> = {}) => research.agents.create({ labId, name, ...draft });
  const told = async (prefix: string) => {
    const rows = await store.db.selectFrom("events").selectAll().where("topic", "like", `${prefix}.%`).execute();
    return rows.map(({ topic, payload }): { readonly topic: string; readonly [field: string]: unknown } => ({
      topic,
      ...(JSON.parse(payload) as Record<string, unknown>),
    }));
  };
  const topics = async (prefix: string) => (await told(prefix)).map(({ topic }) => topic.slice(prefix.length + 1));
  return { ...lab, ...research, heard, task, agent, told, topics };
}

export const isRefused = (code: string, message: string | RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

/** Works as a key of one lab, and tells what was read. */
export function asKeyOf<T>(labId: string, need: Parameters<typeof ask>[0]["need"], work: () => Promise<T>) {
  const grant: Grant = { labId, noun: "*", verb: "write" };
  const actor: Actor = { ...owner, kind: "key", id: "key1", name: "key ci", grants: [grant] };
  const reads = new Set<string>();
  return ask({ actor, need }, reads, work).then((value) => ({ value, reads }));
}
