import type { Kysely, Updateable } from "kysely";
import { type Agent, type AgentPatch, NewAgent } from "../../contract/agent.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import { insertActivity } from "./agent-records.js";
import { type AgentRow, agentIn, tellAgent, toAgent } from "./agent-rows.js";
import { superiorOf } from "./agent-superior.js";
import { newDocumentId } from "./document-id.js";

export async function insertAgent(change: Change, labId: string, draft: NewAgent): Promise<AgentRow> {
  const { name, role, model, reportsTo, systemPrompt, capabilities, status } = NewAgent.parse(draft);
  await refuseTaken(change.tx, labId, name);
  const row = await change.tx
    .insertInto("agents")
    .values({
      id: newDocumentId(),
      lab_id: labId,
      name,
      role,
      model: model ?? null,
      reports_to: reportsTo == null ? null : await superiorOf(change.tx, labId, { id: null, ref: reportsTo }),
      system_prompt: systemPrompt ?? null,
      capabilities: JSON.stringify(capabilities),
      status,
      created_at: change.at,
      updated_at: change.at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  tellAgent(change, "created", toAgent(row));
  return row;
}

export async function patchAgent(change: Change, row: AgentRow, changes: AgentPatch): Promise<Agent> {
  const { reportsTo, systemPrompt, capabilities, ...plain } = changes;
  if (plain.name !== undefined && plain.name !== row.name) await refuseTaken(change.tx, row.lab_id, plain.name);
  const set: Updateable<Schema["agents"]> = { ...plain };
  if (systemPrompt !== undefined) set.system_prompt = systemPrompt;
  if (capabilities !== undefined) set.capabilities = JSON.stringify(capabilities);
  if (reportsTo !== undefined) {
    const line = { id: row.id, ref: reportsTo ?? "" };
    set.reports_to = reportsTo === null ? null : await superiorOf(change.tx, row.lab_id, line);
  }
  const agent = toAgent(await write(change, row, set));
  tellAgent(change, "updated", agent, { changes: Object.keys(changes) });
  return agent;
}

/** Starts or stops it, with an entry among what it did; nothing happens when it is there already. */
export async function moveAgent(change: Change, row: AgentRow, to: "active" | "idle"): Promise<Agent> {
  if (row.status === "retired") {
    throw new LabError("conflict", `Agent ${row.name} is retired; PATCH its status to idle to take it back.`);
  }
  const isThere = to === "idle" ? row.status === "idle" : row.status !== "idle";
  if (isThere) return toAgent(row);
  const kind = to === "active" ? "started" : "stopped";
  const moved = await write(change, row, { status: to });
  await insertActivity(change, moved, { kind, message: kind });
  const agent = { ...toAgent(moved), lastActiveAt: change.at };
  tellAgent(change, kind, agent);
  return agent;
}

/** Deletes it with its records. Who reported to it reports to its superior; its tasks are nobody's. */
export async function removeAgent(
  change: Change,
  row: AgentRow,
): Promise<{ readonly id: string; readonly name: string }> {
  const { tx } = change;
  const { id, name, lab_id: labId } = row;
  await tx.updateTable("agents").set({ reports_to: row.reports_to }).where("reports_to", "=", id).execute();
  const tasks = tx.updateTable("tasks").set({ assigned_to: null }).where("lab_id", "=", labId);
  await tasks.where("assigned_to", "=", id).execute();
  await tx.deleteFrom("agent_events").where("agent_id", "=", id).execute();
  await tx.deleteFrom("agent_messages").where("agent_id", "=", id).execute();
  await tx.deleteFrom("agents").where("id", "=", id).execute();
  tellAgent(change, "deleted", toAgent(row));
  change.touch(`tasks:${labId}`);
  return { id, name };
}

async function refuseTaken(db: Kysely<Schema>, labId: string, name: string): Promise<void> {
  const other = await agentIn(db, labId, name);
  if (other !== undefined) throw new LabError("conflict", `name: ${name} is taken by another agent of this lab`);
}

function write(change: Change, { id }: AgentRow, set: Updateable<Schema["agents"]>): Promise<AgentRow> {
  return change.tx
    .updateTable("agents")
    .set({ ...set, updated_at: change.at })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
