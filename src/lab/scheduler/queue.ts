import type { Selectable } from "kysely";
import type { ComputeMode } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import { defaultQueue } from "../../contract/queue.js";
import { prepared } from "../store/prepared.js";
import type { Schema } from "../store/schema.js";
import type { LabStore } from "../store/store.js";
import { type Job, type QueueRule, queueKey } from "./fit.js";
import type { RunningJob } from "./forecast.js";
import { slotsOf } from "./slots.js";

/** As it waits, with what is stored of its prospects: what has not changed is not written again. */
export interface WaitingJob extends Job {
  readonly estimatedSeconds: number | null;
  readonly etaAt: number | null;
  readonly projectedMicros: number | null;
}

export interface Queue {
  readonly waiting: readonly WaitingJob[];
  readonly running: readonly RunningJob[];
  /** Queues that somebody has set anything of, with how many of each run, by `queueKey`. */
  readonly queues: ReadonlyMap<string, QueueRule>;
}

const idsPerQuery = 500;
/** Slots are read once, and again when somebody changed the config. */
const keptSlots = 50_000;

interface Row {
  readonly id: string;
  readonly lab_id: string;
  readonly n: number;
  readonly display_id: string;
  readonly priority: number;
  readonly compute_mode: string;
  readonly template: string | null;
  readonly status: string;
  readonly status_reason: string | null;
  readonly eta_at: number | null;
  readonly estimated_seconds: number | null;
  readonly pod_id: string | null;
  readonly started_at: number | null;
  readonly pinned_pod_id: string | null;
  readonly queue_id: string | null;
  readonly not_before_at: number | null;
  readonly projected_micros: number | null;
}

/** Reads what waits and what runs, without what the plan does not look at: the queue is read again whenever something happens. */
export function createQueueReader(store: LabStore, templates: readonly Template[]): () => Promise<Queue> {
  const slots = new Map<string, number>();
  store.onChange((topics) => {
    for (const topic of topics) if (topic.startsWith("config:")) slots.delete(topic.slice("config:".length));
  });
  const queueRows = prepared<QueueRow>(store, (db) => db.selectFrom("queues").selectAll());
  const rowsOf = prepared<Row>(store, (db) =>
    db
      .selectFrom("experiments")
      .select([
        "id",
        "lab_id",
        "n",
        "display_id",
        "priority",
        "compute_mode",
        "template",
        "status",
        "status_reason",
        "eta_at",
      ])
      .select(["estimated_seconds", "pod_id", "started_at", "pinned_pod_id", "queue_id"])
      .select(["not_before_at", "projected_micros"])
      .where("status", "in", ["", ""]),
  );
  const learnSlots = async (ids: readonly string[]) => {
    if (slots.size > keptSlots) slots.clear();
    for (let from = 0; from < ids.length; from += idsPerQuery) {
      const configs = await store.db
        .selectFrom("experiments")
        .leftJoin("template_versions", "template_versions.id", "experiments.template_version")
        .select(["experiments.id", "config", "template", "content as template_content"])
        .where("experiments.id", "in", ids.slice(from, from + idsPerQuery))
        .execute();
      for (const row of configs) slots.set(row.id, slotsOf(row, templates));
    }
  };
  const secondsOf = ({ estimated_seconds: own, template }: Row) =>
    own ?? templates.find(({ name }) => name === template)?.estimatedSeconds ?? null;

  return async () => {
    const rows = await rowsOf("queued", "running");
    const settings = new Map((await queueRows()).map((row) => [keyOf(row), row]));
    await learnSlots(rows.flatMap(({ id }) => (slots.has(id) ? [] : [id])));
    const slotsFor = (id: string) => slots.get(id) ?? 1;
    const queueOf = ({ lab_id: labId, queue_id: queueId }: Row) => {
      const named = settings.get(queueKey(labId, queueId));
      return { queue: queueKey(labId, named === undefined ? null : queueId), place: named?.place ?? 0 };
    };
    const running = rows.flatMap((row) => {
      if (row.status !== "running" || row.pod_id === null) return [];
      const seconds = secondsOf(row);
      const byEstimate = seconds === null || row.started_at === null ? null : row.started_at + seconds * 1000;
      const { queue } = queueOf(row);
      return [{ podId: row.pod_id, queue, slots: slotsFor(row.id), etaAt: row.eta_at ?? byEstimate }];
    });
    return {
      waiting: rows
        .filter(({ status }) => status === "queued")
        .map((row) => ({
          ...toJob(row, slotsFor(row.id), secondsOf(row)),
          queue: queueOf(row).queue,
          queuePlace: queueOf(row).place,
        })),
      running,
      queues: rulesOf([...settings.values()], running),
    };
  };
}

type QueueRow = Selectable<Schema["queues"]>;

/** The lab's `default` has a row once somebody has set anything of it; experiments name it by null all the same. */
const keyOf = ({ lab_id: labId, id, name }: QueueRow) => queueKey(labId, name === defaultQueue ? null : id);

function rulesOf(rows: readonly QueueRow[], running: readonly RunningJob[]): Map<string, QueueRule> {
  const counts = new Map<string, number>();
  for (const { queue } of running) counts.set(queue, (counts.get(queue) ?? 0) + 1);
  return new Map(
    rows.map((row) => {
      const { name, status, concurrency } = row;
      const key = keyOf(row);
      return [key, { name, isPaused: status === "paused", concurrency, running: counts.get(key) ?? 0 }];
    }),
  );
}

function toJob(row: Row, slots: number, estimatedSeconds: number | null): Omit<WaitingJob, "queue" | "queuePlace"> {
  return {
    id: row.id,
    labId: row.lab_id,
    displayId: row.display_id,
    rank: row.priority,
    createdAt: row.n,
    computeMode: row.compute_mode as ComputeMode,
    slots,
    statusReason: row.status_reason,
    pinnedPodId: row.pinned_pod_id,
    notBeforeAt: row.not_before_at,
    estimatedSeconds,
    etaAt: row.eta_at,
    projectedMicros: row.projected_micros,
  };
}
