import { sql } from "kysely";
import { allowedTransitions, type ExperimentStatus } from "../../contract/experiment.js";
import { actorName } from "../access/asking.js";
import { createBulkInsert } from "../store/bulk-insert.js";
import type { Change } from "../store/store.js";
import { type ExperimentEvent, eventOf } from "./experiment-events.js";
import { type ExperimentRow, queueName, queueOf, toExperiment } from "./experiment-rows.js";

export interface Move {
  readonly to: ExperimentStatus;
  /** Why, in the lab's words. */
  readonly reason: string | null;
  /** What somebody wrote to it. */
  readonly message?: string | undefined;
  /** Other columns that change with the status. */
  readonly set?: Partial<Omit<ExperimentRow, "queue_name">>;
  /** What it is told as; null: nothing, because another change of status follows at once. */
  readonly event: ExperimentEvent | null;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** What only the lab does: a run that was never started is given back, and a run that ended is judged again. */
const ownMoves: Readonly<Partial<Record<ExperimentStatus, readonly ExperimentStatus[]>>> = {
  running: ["queued"],
  pass: ["fail"],
  fail: ["pass"],
};

/**
 * The one way from a status to another: the row, its history, the counts of its queue and the event, in one transaction. A step that the
 * machine has not is a fault of the lab: what people may ask for is refused before, in words.
 */
export async function moveExperiment(change: Change, row: ExperimentRow, move: Move): Promise<ExperimentRow> {
  const from = row.status as ExperimentStatus;
  const { to, reason, message, set = {}, event, more } = move;
  if (!allowedTransitions[from].includes(to) && ownMoves[from]?.includes(to) !== true) {
    throw new Error(`${row.display_id} can't go from ${from} to ${to}`);
  }
  const moved = await updateRow(change, row, { ...set, status: to });
  await noteStatus(change, { row: moved, from, reason, message });
  await countMove(change, row, { from, to });
  if (event !== null) eventOf(change, event, toExperiment(moved), more);
  return moved;
}

/** Other columns than the status. */
export function updateRow(
  change: Change,
  row: Pick<ExperimentRow, "id">,
  set: Partial<Omit<ExperimentRow, "queue_name">>,
): Promise<ExperimentRow> {
  return change.tx
    .updateTable("experiments")
    .set({ ...set, updated_at: change.at })
    .where("id", "=", row.id)
    .returningAll()
    .returning(queueName)
    .executeTakeFirstOrThrow();
}

interface Noted {
  /** As it is now. */
  readonly row: ExperimentRow;
  readonly from: ExperimentStatus | null;
  readonly reason: string | null;
  readonly message?: string | undefined;
}

/** A line of its history. */
export const noteStatus = (change: Change, noted: Noted): Promise<void> => noteStatuses(change, [noted]);

/** A line in the history of each. */
export async function noteStatuses(change: Change, all: readonly Noted[]): Promise<void> {
  const actor = actorName();
  await insertStatuses(
    change.tx,
    all.map(({ row, from, reason, message = null }) => ({
      experiment_id: row.id,
      attempt: row.attempt,
      from_status: from,
      status: row.status,
      at: change.at,
      actor,
      reason,
      message,
    })),
  );
  for (const { row } of all) change.touch(`statuses:${row.id}`);
}

type NewStatus = Record<"experiment_id" | "status" | "actor", string> &
  Record<"attempt" | "at", number> &
  Record<"from_status" | "reason" | "message", string | null>;

const insertStatuses = createBulkInsert<NewStatus>((db, rows) => db.insertInto("experiment_statuses").values(rows));

/** It came (`from` null), went (`to` null) or moved within its queue. */
export async function countMove(
  change: Change,
  row: Pick<ExperimentRow, "lab_id" | "queue_id" | "queue_name">,
  { from, to }: { from: string | null; to: string | null },
): Promise<void> {
  await countIn(change, { labId: row.lab_id, queueId: queueOf(row) }, { from, to });
}

/** As `countMove`, for a queue that is named, and for as many as there are. */
export async function countIn(
  change: Change,
  { labId, queueId }: { labId: string; queueId: string | null },
  { from, to, experiments = 1 }: { from: string | null; to: string | null; experiments?: number },
): Promise<void> {
  const steps = [
    ...(from === null ? [] : [{ status: from, by: -experiments }]),
    ...(to === null ? [] : [{ status: to, by: experiments }]),
  ];
  const rows = steps.map(({ status, by }) => sql`(${labId}, ${queueId ?? ""}, ${status}, ${by})`);
  await sql`insert into queue_counts (lab_id, queue_id, status, experiments) values ${sql.join(rows)}
    on conflict (lab_id, queue_id, status) do update set experiments = queue_counts.experiments + excluded.experiments`.execute(
    change.tx,
  );
  change.touch(`queues:${labId}`);
}
