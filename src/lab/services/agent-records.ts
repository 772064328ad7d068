import type { Kysely } from "kysely";
import { type AgentActivity, type AgentMessage, NewAgentActivity, NewAgentMessage } from "../../contract/agent.js";
import { actorName, noteRead } from "../access/asking.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import { type AgentRow, tellAgent, toActivity, toAgent, toMessage, touchAgent } from "./agent-rows.js";
import { newDocumentId } from "./document-id.js";
import { type Page, type PageRequest, readPage } from "./page.js";

/** How many of each agent's reports, and of its messages, are kept: the newest. */
export const keptPerAgent = 10_000;

export function listActivity(db: Kysely<Schema>, { id }: AgentRow, page: PageRequest): Promise<Page<AgentActivity>> {
  noteRead(`agent:${id}`);
  const ofAgent = db.selectFrom("agent_events").where("agent_id", "=", id);
  return readPage(page, {
    place: (last) => ofAgent.select("n").where("id", "=", last).executeTakeFirst(),
    rows: (before, limit) => ofAgent.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
    to: toActivity,
  });
}

/** Notes what an agent did, and that it is alive. Errors and escalations are events of the lab too. */
export async function insertActivity(change: Change, agent: AgentRow, entry: NewAgentActivity): Promise<AgentActivity> {
  const { kind, message, metadata } = NewAgentActivity.parse(entry);
  const row = await change.tx
    .insertInto("agent_events")
    .values({
      id: newDocumentId(),
      agent_id: agent.id,
      lab_id: agent.lab_id,
      kind,
      message,
      metadata: metadata === undefined ? null : JSON.stringify(metadata),
      at: change.at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await change.tx.updateTable("agents").set({ last_active_at: change.at }).where("id", "=", agent.id).execute();
  await prune(change, "agent_events", agent.id);
  if (kind === "error" || kind === "escalation") tellAgent(change, kind, toAgent(agent), { message });
  else touchAgent(change, toAgent(agent));
  return toActivity(row);
}

export function listMessages(db: Kysely<Schema>, { id }: AgentRow, page: PageRequest): Promise<Page<AgentMessage>> {
  noteRead(`agent:${id}`);
  const ofAgent = db.selectFrom("agent_messages").where("agent_id", "=", id);
  return readPage(page, {
    place: (last) => ofAgent.select("n").where("id", "=", last).executeTakeFirst(),
    rows: (before, limit) => ofAgent.selectAll().where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
    to: toMessage,
  });
}

export async function insertMessage(change: Change, agent: AgentRow, message: NewAgentMessage): Promise<AgentMessage> {
  const { role, content } = NewAgentMessage.parse(message);
  const { id, lab_id: labId } = agent;
  const row = await change.tx
    .insertInto("agent_messages")
    .values({ id: newDocumentId(), agent_id: id, lab_id: labId, role, content, sender: actorName(), at: change.at })
    .returningAll()
    .executeTakeFirstOrThrow();
  await prune(change, "agent_messages", id);
  touchAgent(change, toAgent(agent));
  return toMessage(row);
}

/** Gives up the oldest. */
async function prune({ tx }: Change, table: "agent_events" | "agent_messages", agentId: string): Promise<void> {
  const ofAgent = tx.selectFrom(table).select("n").where("agent_id", "=", agentId).orderBy("n", "desc");
  const first = await ofAgent.offset(keptPerAgent).limit(1).executeTakeFirst();
  if (first !== undefined)
    await tx.deleteFrom(table).where("agent_id", "=", agentId).where("n", "<=", first.n).execute();
}
