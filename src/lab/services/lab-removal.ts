import { performance } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type RawBuilder, sql } from "kysely";
import type { LabDocument } from "../../contract/lab.js";
import { LabError } from "../lab-error.js";
import { unbilledProviders } from "../money/billed.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { homeLabOf, readLabs, refsTopic } from "./lab-rows.js";

type Table = keyof Schema;

/** A table whose rows belong to a lab (`lab_id`), and those that belong to its rows. */
export interface OwnedTable {
  readonly table: Table;
  /** Default `id`. */
  readonly key?: string;
  /** Column that names the row above. */
  readonly children?: readonly (readonly [table: Table, column: string])[];
}

/** Everything of a lab, keys first: nobody comes in while the rest goes. A test holds the list against the schema. */
export const ownedTables: readonly OwnedTable[] = [
  {
    table: "api_keys",
    children: [
      ["idempotency_keys", "actor"],
      ["request_days", "actor"],
    ],
  },
  {
    table: "sessions",
    children: [
      ["idempotency_keys", "actor"],
      ["request_days", "actor"],
    ],
  },
  { table: "webhooks", children: [["webhook_deliveries", "webhook_id"]] },
  {
    table: "experiments",
    children: [
      ["experiment_statuses", "experiment_id"],
      ["dependencies", "experiment_id"],
      ["dependencies", "depends_on_id"],
      ["runs", "experiment_id"],
      ["blocks", "experiment_id"],
      ["metrics", "experiment_id"],
      ["experiment_costs", "experiment_id"],
    ],
  },
  { table: "queues" },
  { table: "queue_counts", key: "lab_id" },
  { table: "batches" },
  { table: "templates" },
  {
    table: "pods",
    children: [
      ["samples", "pod_id"],
      ["pod_costs", "pod_id"],
      ["pod_meters", "pod_id"],
      ["experiment_costs", "pod_id"],
    ],
  },
  { table: "tasks", children: [["task_reviews", "task_id"]] },
  {
    table: "agents",
    children: [
      ["agent_events", "agent_id"],
      ["agent_messages", "agent_id"],
    ],
  },
  { table: "agent_events" },
  { table: "agent_messages" },
  { table: "papers", children: [["paper_versions", "paper_id"]] },
  { table: "projects", children: [["project_experiments", "project_id"]] },
  { table: "figures" },
  { table: "files" },
  { table: "backups" },
  { table: "events", key: "seq" },
  { table: "lab_settings", key: "lab_id" },
];

/** Called with the ids of rows that are about to go: for what they have outside of the database. */
export type BeforeRemoval = Readonly<Partial<Record<Table, (ids: readonly string[]) => Promise<void>>>>;

const mostRows = 1000;
/** Others get their turn between two batches: as long as one may take. */
const batchMs = 25;

/** Deletes a lab with everything it has. `confirm` is its slug: somebody means it. */
export async function removeLab(
  store: LabStore,
  { id, slug, name }: Pick<LabDocument, "id" | "slug" | "name">,
  { confirm, before }: { confirm: string | undefined; before: BeforeRemoval | undefined },
): Promise<void> {
  if (confirm !== slug) {
    throw new LabError(
      "validation_error",
      `confirm: deletes ${name} with everything in it; write its slug to say so: ?confirm=${slug}`,
    );
  }
  const within = (change: Change) => refuseRemoval(change, id, slug);
  await store.change(within);
  await removeRows(store, id, { before, within });
  await store.change(async (change) => {
    await within(change);
    await removeRest(change, id);
    await change.tx.deleteFrom("labs").where("id", "=", id).execute();
    const values = { lab_id: await homeLabOf(change.tx), updated_at: change.at };
    await change.tx.updateTable("pods").set(values).where("lab_id", "=", id).execute();
    // Of the server, since the lab's own activity is gone.
    change.event("lab.deleted", id, { name, slug });
    for (const topic of [refsTopic, "pods", "costs", removedTopic]) change.touch(topic);
  });
}

/**
 * Deletes what a lab has, in batches of a bounded time. `within` is asked in the transaction of each batch and throws where the lab
 * must stay. What breaks off is done again by calling it again: the lab's own row goes last, and not here.
 */
async function removeRows(
  store: LabStore,
  labId: string,
  { before = {}, within }: { before?: BeforeRemoval | undefined; within(change: Change): Promise<void> },
): Promise<void> {
  for (const owned of ownedTables) {
    let size = 1;
    for (;;) {
      const startedAt = performance.now();
      const ids = await store.change(async (change) => {
        await within(change);
        return removeSome(change, labId, { owned, size, before });
      });
      if (ids < size) break;
      size = performance.now() - startedAt < batchMs ? Math.min(mostRows, size * 2) : Math.max(1, Math.floor(size / 2));
      await nextTurn();
    }
  }
}

/** Answers how many rows of the table there were, at most `size`. */
async function removeSome(
  { tx, touch }: Change,
  labId: string,
  { owned, size, before }: { owned: OwnedTable; size: number; before: BeforeRemoval },
): Promise<number> {
  const { table, key = "id", children = [] } = owned;
  const { rows } = await sql<{ id: string }>`select ${sql.ref(key)} as id from ${sql.table(table)}
    where lab_id = ${labId} ${keepShared(table)} limit ${size}`.execute(tx);
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await before[table]?.(ids);
  const removeFrom = (name: Table, column: string) =>
    sql`delete from ${sql.table(name)} where ${sql.ref(column)} in (${sql.join(ids)})`.execute(tx);
  for (const [child, column] of children) await removeFrom(child, column);
  await removeFrom(table, key);
  for (const topic of [table, `${table}:${labId}`, ...ids.map((id) => `${table.slice(0, -1)}:${id}`)]) touch(topic);
  return ids.length;
}

/** Machines of one's own, and what was found on the account, are the server's: they go over to another lab. */
const keepShared = (table: Table): RawBuilder<unknown> =>
  table === "pods" ? sql`and status = 'terminated' and provider not in (${sql.join(unbilledProviders)})` : sql``;

/** What is found by no row of the lab: shares that its deleted experiments had of other labs' machines, and what nobody names any more. */
async function removeRest({ tx }: Change, labId: string): Promise<void> {
  await sql`delete from experiment_costs where guest_lab_id = ${labId}`.execute(tx);
  await sql`delete from template_versions where not exists
    (select 1 from experiments where template_version = template_versions.id)`.execute(tx);
}

/** A lab has gone: sums by lab are none any more. */
export const removedTopic = "labs:removed";

/** Refuses while the lab is the only one, or something runs in it, or it rents something. */
async function refuseRemoval({ tx }: Change, labId: string, slug: string): Promise<void> {
  const labs = await readLabs(tx).limit(2).execute();
  if (labs.length < 2) throw new LabError("conflict", `${slug} is the only lab of this server: it stays`);
  const running = await tx
    .selectFrom("experiments")
    .select("display_id")
    .where("lab_id", "=", labId)
    .where("status", "=", "running")
    .executeTakeFirst();
  if (running !== undefined) {
    throw new LabError("conflict", `${running.display_id} runs in ${slug}; cancel it, then delete the lab`);
  }
  const rented = await tx
    .selectFrom("pods")
    .select("name")
    .where("lab_id", "=", labId)
    .where("created_by_lab", "=", 1)
    .where("status", "<>", "terminated")
    .executeTakeFirst();
  if (rented !== undefined) {
    throw new LabError("conflict", `${rented.name} is rented by ${slug}; terminate it, then delete the lab`);
  }
}
