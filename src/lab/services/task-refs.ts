import type { Kysely } from "kysely";
import { captain } from "../../contract/task.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import { isDisplayId } from "./experiment-rows.js";

/** The next `T-NNN`. Numbers are never given out again, also after a delete. */
export async function nextDisplayId(change: Change, labId: string): Promise<string> {
  const key = `lastTaskNumber:${labId}`;
  const row = await change.tx.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  const value = String(Number(row?.value ?? 0) + 1);
  await change.tx
    .insertInto("meta")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
  return `T-${value.padStart(3, "0")}`;
}

/** What a task has for whom it is assigned to: an agent's document id, or `captain`. */
export async function assigneeOf(db: Kysely<Schema>, labId: string, ref: string): Promise<string> {
  if (ref.toLowerCase() === captain) return captain;
  const agent = await findAgent(db, labId, ref);
  if (agent === undefined) {
    throw new LabError(
      "validation_error",
      `assignedTo: ${ref} is no agent of this lab (GET /v1/agents lists them), nor ${captain}`,
    );
  }
  if (agent.status === "retired") throw new LabError("validation_error", `assignedTo: ${ref} is retired`);
  return agent.id;
}

/** As tasks have it, for a filter; what nobody is called finds nothing. */
export async function assigneeNamed(db: Kysely<Schema>, labId: string, ref: string | undefined) {
  if (ref === undefined) return undefined;
  return (await findAgent(db, labId, ref))?.id ?? ref;
}

const findAgent = (db: Kysely<Schema>, labId: string, ref: string) =>
  db
    .selectFrom("agents")
    .select(["id", "status"])
    .where("lab_id", "=", labId)
    .where((where) => where.or([where("id", "=", ref), where("name", "=", ref)]))
    .executeTakeFirst();

/** The display id of an experiment of the lab. */
export async function linkedExperiment(db: Kysely<Schema>, labId: string, ref: string): Promise<string> {
  const row = await findExperiment(db, labId, ref);
  if (row !== undefined) return row.display_id;
  throw new LabError("validation_error", `experimentId: experiment ${ref} does not exist in this lab`);
}

/** As tasks have it, for a filter; tasks keep the display ids of experiments that are deleted. */
export async function experimentNamed(db: Kysely<Schema>, labId: string, ref: string | undefined) {
  if (ref === undefined) return undefined;
  return (await findExperiment(db, labId, ref))?.display_id ?? ref;
}

/** By one kind of id: asked for both at once, SQLite would look at every experiment of the lab. */
function findExperiment(db: Kysely<Schema>, labId: string, ref: string) {
  const ofLab = db.selectFrom("experiments").select("display_id").where("lab_id", "=", labId);
  const named = isDisplayId(ref)
    ? ofLab.where("display_id", "in", [ref, ref.toUpperCase()])
    : ofLab.where("id", "=", ref);
  return named.executeTakeFirst();
}
