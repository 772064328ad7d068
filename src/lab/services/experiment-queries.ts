import type { LabStore } from "../store/store.js";
import { needRow, toExperiment } from "./experiment-rows.js";
import type { ExperimentsService, LabsService } from "./service.js";

/** The most unfinished experiments that a window shows: running ones first, then the newest. */
const windowUnfinished = 2000;

const unfinishedStatuses = ["queued", "running", "blocked"];

type Queries = Pick<ExperimentsService, "list" | "window" | "get" | "countRunning" | "unfinished">;

/** Everything that only reads experiments. */
export function createExperimentQueries(store: LabStore, labs: LabsService): Queries {
  return {
    async list({ labId, status, projectId, limit, cursor }) {
      let query = store.db
        .selectFrom("experiments")
        .selectAll()
        .where("lab_id", "=", await labs.idOf(labId));
      if (status !== undefined) query = query.where("status", "=", status);
      if (projectId !== undefined) query = query.where("project_id", "=", projectId);
      if (cursor !== undefined) query = query.where("n", "<", (await needRow(store.db, cursor)).n);
      const found = await query
        .orderBy("n", "desc")
        .limit(limit + 1)
        .execute();
      const rows = found.slice(0, limit).map(toExperiment);
      const hasMore = found.length > limit;
      return { rows, hasMore, nextCursor: hasMore ? (rows.at(-1)?.id ?? null) : null };
    },

    async window(labId, limit) {
      const id = await labs.idOf(labId);
      const all = store.db.selectFrom("experiments").selectAll().where("lab_id", "=", id);
      const open = await all
        .where("status", "in", unfinishedStatuses)
        .orderBy(({ eb }) => eb("status", "=", "running"), "desc")
        .orderBy("n", "desc")
        .limit(windowUnfinished)
        .execute();
      const newest = (status: string) => all.where("status", "=", status).orderBy("n", "desc").limit(limit).execute();
      const finished = [...(await newest("pass")), ...(await newest("fail"))].sort((a, b) => b.n - a.n);
      const rows = [...open, ...finished.slice(0, limit)];
      return rows.sort((a, b) => b.n - a.n).map(toExperiment);
    },

    get: async (ref) => toExperiment(await needRow(store.db, ref)),

    async countRunning() {
      const row = await store.db
        .selectFrom("experiments")
        .where("status", "=", "running")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return row.count;
    },

    async unfinished() {
      const rows = await store.db
        .selectFrom("experiments")
        .selectAll()
        .where("status", "in", unfinishedStatuses)
        .orderBy("priority")
        .orderBy("n")
        .execute();
      return rows.map(toExperiment);
    },
  };
}
