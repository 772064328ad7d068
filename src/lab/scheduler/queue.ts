import type { ComputeMode } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import { prepared } from "../store/prepared.js";
import type { LabStore } from "../store/store.js";
import type { Job } from "./fit.js";
import type { RunningJob } from "./forecast.js";
import { slotsOf } from "./slots.js";

/** As it waits, with what is stored of its prospects: what has not changed is not written again. */
export interface WaitingJob extends Job {
  readonly estimatedSeconds: number | null;
  readonly etaAt: number | null;
}

export interface Queue {
  readonly waiting: readonly WaitingJob[];
  readonly running: readonly RunningJob[];
}

const idsPerQuery = 500;
/** A config never changes, so its slots are read once. */
const keptSlots = 50_000;

interface Row {
  readonly id: string;
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
}

/** Reads what waits and what runs, without what the plan does not look at: the queue is read again whenever something happens. */
export function createQueueReader(store: LabStore, templates: readonly Template[]): () => Promise<Queue> {
  const slots = new Map<string, number>();
  const rowsOf = prepared<Row>(store, (db) =>
    db
      .selectFrom("experiments")
      .select(["id", "n", "display_id", "priority", "compute_mode", "template", "status", "status_reason", "eta_at"])
      .select(["estimated_seconds", "pod_id", "started_at", "pinned_pod_id"])
      .where("status", "in", ["", ""]),
  );
  const learnSlots = async (ids: readonly string[]) => {
    if (slots.size > keptSlots) slots.clear();
    for (let from = 0; from < ids.length; from += idsPerQuery) {
      const configs = await store.db
        .selectFrom("experiments")
        .select(["id", "config", "template"])
        .where("id", "in", ids.slice(from, from + idsPerQuery))
        .execute();
      for (const row of configs) slots.set(row.id, slotsOf(row, templates));
    }
  };
  const secondsOf = ({ estimated_seconds: own, template }: Row) =>
    own ?? templates.find(({ name }) => name === template)?.estimatedSeconds ?? null;

  return async () => {
    const rows = await rowsOf("queued", "running");
    await learnSlots(rows.flatMap(({ id }) => (slots.has(id) ? [] : [id])));
    const slotsFor = (id: string) => slots.get(id) ?? 1;
    return {
      waiting: rows
        .filter(({ status }) => status === "queued")
        .map((row) => toJob(row, slotsFor(row.id), secondsOf(row))),
      running: rows.flatMap((row) => {
        if (row.status !== "running" || row.pod_id === null) return [];
        const seconds = secondsOf(row);
        const byEstimate = seconds === null || row.started_at === null ? null : row.started_at + seconds * 1000;
        return [{ podId: row.pod_id, slots: slotsFor(row.id), etaAt: row.eta_at ?? byEstimate }];
      }),
    };
  };
}

function toJob(row: Row, slots: number, estimatedSeconds: number | null): WaitingJob {
  return {
    id: row.id,
    displayId: row.display_id,
    rank: row.priority,
    createdAt: row.n,
    computeMode: row.compute_mode as ComputeMode,
    slots,
    statusReason: row.status_reason,
    pinnedPodId: row.pinned_pod_id,
    estimatedSeconds,
    etaAt: row.eta_at,
  };
}
