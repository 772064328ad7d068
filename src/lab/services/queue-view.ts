import type { ExperimentStatus } from "../../contract/experiment.js";
import { defaultQueue, type Queue } from "../../contract/queue.js";
import { experimentStatuses } from "../../contract/vocabulary.js";
import { usdOf } from "../../core/micro-usd.js";
import type { LabStore } from "../store/store.js";
import type { QueueSettings } from "./queue-rows.js";

/** Ids that a queue lists: those that ended last, and those that are not over. */
const listedEnded = 50;
const listedOpen = 50;

/** A queue with what is in it: from counts, and from what has not ended. */
export async function viewQueue(store: LabStore, settings: QueueSettings): Promise<Queue> {
  const { id, lab_id: labId, name, place, concurrency, created_at: createdAt, updated_at: updatedAt } = settings;
  const key = name === defaultQueue ? null : id;
  const counts = await countsOf(store, labId, key);
  const open = counts.draft + counts.queued + counts.running + counts.blocked;
  const experimentCount = open + counts.pass + counts.fail;
  const isComplete = settings.status === "running" && open === 0 && experimentCount > 0;
  const ended = await endedIds(store, labId, key);
  const { ids, hours, micros } = await openOf(store, labId, key);
  return {
    _id: id,
    _creationTime: createdAt,
    id,
    labId,
    name,
    status: isComplete ? "complete" : settings.status === "paused" ? "paused" : "running",
    experiments: [...ended, ...ids],
    experimentCount,
    currentIdx: ended.length,
    counts,
    totalEstimatedHours: hours,
    totalEstimatedCostUsd: usdOf(micros),
    place,
    concurrency,
    createdAt,
    updatedAt,
  };
}

async function countsOf(store: LabStore, labId: string, queueId: string | null) {
  const rows = await store.db
    .selectFrom("queue_counts")
    .select(["status", "experiments"])
    .where("lab_id", "=", labId)
    .where("queue_id", "=", queueId ?? "")
    .execute();
  const known = new Map(rows.map(({ status, experiments }) => [status, experiments]));
  return Object.fromEntries(experimentStatuses.map((status) => [status, known.get(status) ?? 0])) as Record<
    ExperimentStatus,
    number
  >;
}

/** The newest that ended, oldest first. */
async function endedIds(store: LabStore, labId: string, queueId: string | null): Promise<string[]> {
  const newest = async (status: string) => {
    const query = store.db.selectFrom("experiments").select(["id", "n"]).where("status", "=", status);
    const of =
      queueId === null
        ? query.where("lab_id", "=", labId).where("queue_id", "is", null)
        : query.where("queue_id", "=", queueId);
    return of.orderBy("n", "desc").limit(listedEnded).execute();
  };
  const rows = [...(await newest("pass")), ...(await newest("fail"))].sort((a, b) => b.n - a.n);
  return rows
    .slice(0, listedEnded)
    .reverse()
    .map(({ id }) => id);
}

const openOrder: readonly string[] = ["running", "queued", "blocked", "draft"];

/** What has not ended, in the order of the plan; its estimates as far as there are any. */
async function openOf(store: LabStore, labId: string, queueId: string | null) {
  const query = store.db
    .selectFrom("experiments")
    .select(["id", "n", "status", "priority", "estimated_seconds", "projected_micros"])
    .where("status", "in", openOrder);
  const rows = await (queueId === null
    ? query.where("lab_id", "=", labId).where("queue_id", "is", null)
    : query.where("queue_id", "=", queueId)
  ).execute();
  rows.sort(
    (a, b) => openOrder.indexOf(a.status) - openOrder.indexOf(b.status) || a.priority - b.priority || a.n - b.n,
  );
  const sum = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
  };
  const seconds = sum(rows.map((row) => row.estimated_seconds));
  return {
    ids: rows.slice(0, listedOpen).map(({ id }) => id),
    hours: seconds === null ? null : seconds / 3600,
    micros: sum(rows.map((row) => row.projected_micros)),
  };
}
