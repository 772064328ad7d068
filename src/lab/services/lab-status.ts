import type { LabStatus } from "../../contract/lab.js";
import { noteRead } from "../access/asking.js";
import type { LabStore } from "../store/store.js";

/** What the status takes from other services. null is unknown. */
export interface LabNumbers {
  /** ms of the midnight before. */
  startOfDay(): number;
  monthUsd(labId: string): Promise<number | null>;
  /** Pods that run, and what their GPUs do: 0..100. */
  pods(labId: string): Promise<{ readonly running: number; readonly gpuPercents: readonly (number | null)[] }>;
}

const unknown: LabNumbers = {
  startOfDay: () => 0,
  monthUsd: () => Promise.resolve(null),
  pods: () => Promise.resolve({ running: 0, gpuPercents: [] }),
};

/** What the MCP resource `hubify://lab/status` tells of a lab. */
export async function readStatus(
  store: LabStore,
  { labId, slug, numbers = unknown }: { labId: string; slug: string; numbers?: LabNumbers | undefined },
): Promise<LabStatus> {
  noteRead("experiments", "pods", "costs", `agents:${labId}`, `papers:${labId}`);
  const count = async (status: string, since?: number) => {
    let query = store.db
      .selectFrom("experiments")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("lab_id", "=", labId)
      .where("status", "=", status);
    if (since !== undefined) query = query.where("ended_at", ">=", since);
    return (await query.executeTakeFirstOrThrow()).count;
  };
  const { running, gpuPercents } = await numbers.pods(labId);
  const known = gpuPercents.filter((percent) => percent !== null);
  return {
    lab: slug,
    experiments: {
      running: await count("running"),
      queued: await count("queued"),
      completed_today: await count("pass", numbers.startOfDay()),
    },
    agents: await countAgents(store, labId),
    pods: {
      active: running,
      gpu_utilization_avg:
        known.length === 0 ? null : known.reduce((sum, percent) => sum + percent, 0) / known.length / 100,
      monthly_spend_usd: await numbers.monthUsd(labId),
    },
    papers: await store.db
      .selectFrom("papers")
      .select(["slug as id", "readiness"])
      .where("lab_id", "=", labId)
      .orderBy("n")
      .limit(mostPapers)
      .execute(),
  };
}

const mostPapers = 100;

/** Retired ones are none any more. */
async function countAgents({ db }: LabStore, labId: string): Promise<LabStatus["agents"]> {
  const rows = await db
    .selectFrom("agents")
    .select(({ fn }) => ["status", fn.countAll<number>().as("count")])
    .where("lab_id", "=", labId)
    .where("status", "<>", "retired")
    .groupBy("status")
    .execute();
  const sum = (...statuses: readonly string[]) =>
    rows.reduce((total, { status, count }) => total + (statuses.includes(status) ? count : 0), 0);
  return { total: sum("active", "busy", "idle"), active: sum("active", "busy"), idle: sum("idle") };
}
