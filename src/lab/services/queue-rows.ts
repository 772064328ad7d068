import type { Kysely, Selectable } from "kysely";
import { defaultQueue } from "../../contract/queue.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";

export type QueueRow = Selectable<Schema["queues"]>;

/** A queue as people know it: `id` of the lab's `default` is `defaultQueueId`, whether it has a row or not. */
export type QueueSettings = Omit<QueueRow, "n">;

/** Of the lab's `default`, which is there before it has a row: it gets one when something about it is changed. */
export const defaultQueueId = (labId: string) => `default:${labId}`;

/** The queues of a lab in their order, as far as they have rows. */
export const queueRows = (db: Kysely<Schema>, labId: string): Promise<QueueRow[]> =>
  db.selectFrom("queues").selectAll().where("lab_id", "=", labId).orderBy("place").orderBy("n").execute();

/** What an experiment keeps of its queue: the document id, null for `default`. `ref` is a name or a document id. */
export async function queueIdOf(
  db: Kysely<Schema>,
  labId: string,
  ref: string | null | undefined,
): Promise<string | null> {
  if (ref == null || ref === defaultQueue || ref === defaultQueueId(labId)) return null;
  const rows = await queueRows(db, labId);
  const row = rows.find(({ id, name }) => id === ref || name === ref);
  if (row !== undefined) return row.name === defaultQueue ? null : row.id;
  const names = [defaultQueue, ...rows.map(({ name }) => name).filter((name) => name !== defaultQueue)];
  throw new LabError("validation_error", `queue: no queue ${ref}; this lab has ${names.join(", ")}`);
}
