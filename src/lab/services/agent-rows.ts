import type { Kysely, Selectable } from "kysely";
import type { Agent, AgentActivity, AgentMessage, AgentRole, AgentStatus } from "../../contract/agent.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import { needVisibleRow } from "./visible-row.js";

export type AgentRow = Selectable<Schema["agents"]>;

export function toAgent(row: AgentRow): Agent {
  return {
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    labId: row.lab_id,
    name: row.name,
    role: row.role as AgentRole,
    model: row.model,
    reportsTo: row.reports_to,
    systemPrompt: row.system_prompt,
    capabilities: JSON.parse(row.capabilities) as string[],
    status: row.status as AgentStatus,
    lastActiveAt: row.last_active_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function toActivity(row: Selectable<Schema["agent_events"]>): AgentActivity {
  return {
    _id: row.id,
    _creationTime: row.at,
    id: row.id,
    agentId: row.agent_id,
    labId: row.lab_id,
    kind: row.kind,
    message: row.message,
    metadata: row.metadata === null ? null : (JSON.parse(row.metadata) as AgentActivity["metadata"]),
    createdAt: row.at,
  };
}

export function toMessage(row: Selectable<Schema["agent_messages"]>): AgentMessage {
  return {
    _id: row.id,
    _creationTime: row.at,
    id: row.id,
    agentId: row.agent_id,
    labId: row.lab_id,
    role: row.role as AgentMessage["role"],
    content: row.content,
    sender: row.sender,
    createdAt: row.at,
  };
}

/** The row by document id or name; refuses with `not_found` what the caller may not see. */
export const needAgent = (db: Kysely<Schema>, ref: string): Promise<AgentRow> => needVisibleRow(db, "agents", ref);

/** An agent of this lab, by document id or name. */
export function agentIn(db: Kysely<Schema>, labId: string, ref: string): Promise<AgentRow | undefined> {
  return db
    .selectFrom("agents")
    .selectAll()
    .where("lab_id", "=", labId)
    .where((where) => where.or([where("id", "=", ref), where("name", "=", ref)]))
    .executeTakeFirst();
}

/** The names of hubify-api §5.11, and ours for what it has none. */
export type AgentEvent = "created" | "started" | "stopped" | "error" | "escalation" | "updated" | "deleted";

/** Tells what happened to an agent. Its system prompt is left out: webhooks and histories need not have it. */
export function tellAgent(
  change: Change,
  event: AgentEvent,
  agent: Agent,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const { _id, labId, name, role, status } = agent;
  change.event(`agent.${event}`, _id, { labId, name, role, status, ...more });
  touchAgent(change, agent);
}

export function touchAgent(change: Change, { _id, labId }: Pick<Agent, "_id" | "labId">): void {
  change.touch(`agents:${labId}`);
  change.touch(`agent:${_id}`);
}
