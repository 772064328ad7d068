import type { Experiment } from "../../contract/experiment.js";
import { needLab, noteRead, visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { type Prepared, prepared } from "../store/prepared.js";
import type { LabStore } from "../store/store.js";
import { createExperimentCache } from "./experiment-cache.js";
import { isDisplayId, missing, needRow, selectRows, toExperiment } from "./experiment-rows.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import { projectIdOf } from "./projects.js";
import type { ExperimentsService, LabsService, ListQuery } from "./service.js";

/** The most unfinished experiments that a window shows: running ones first, then the newest. */
const windowUnfinished = 2000;

/** What the scheduler and the runs look at: a draft is nobody's business but its author's. */
const unfinishedStatuses = ["queued", "running", "blocked"];

type Queries = Pick<ExperimentsService, "list" | "window" | "get" | "children" | "countRunning" | "unfinished">;

/** Everything that only reads experiments. */
export function createExperimentQueries(store: LabStore, labs: LabsService): Queries {
  const cache = createExperimentCache(store);
  /** Places alone are read from an index; what stands there is mostly known already. */
  const places = placesOf(store);
  const byDisplayId = prepared(store, (db) =>
    db.selectFrom("experiments").select(["id", "n", "lab_id"]).where("display_id", "in", ["", ""]).orderBy("n", "desc"),
  );
  const byId = prepared(store, (db) => db.selectFrom("experiments").select(["id", "n", "lab_id"]).where("id", "=", ""));
  /** A display id is that of the newest in the labs that the caller sees. */
  const placed = async (ref: string) => {
    if (!isDisplayId(ref)) return (await byId(ref))[0];
    const visible = visibleLabs();
    const rows = await byDisplayId(ref, ref.toUpperCase());
    return rows.find((row) => visible === null || visible.includes(row.lab_id));
  };

  const countByStatus = prepared(store, (db) =>
    db
      .selectFrom("experiments")
      .where("status", "=", "")
      .select(({ fn }) => fn.countAll<number>().as("count")),
  );

  /** Names no topic for what is there: many ask for its id alone, and are not to run again whenever it moves. */
  const get = async (ref: string): Promise<Experiment> => {
    const id = isDisplayId(ref) ? (await placed(ref))?.id : ref;
    const experiment = id === undefined ? undefined : await cache.get(id);
    if (experiment === undefined) {
      // Whatever comes may be it.
      noteRead("experiments");
      throw new LabError("not_found", missing(ref));
    }
    needLab(experiment.labId, missing(ref));
    return experiment;
  };
  const placeOf = async (cursor: string, labId: string): Promise<number> => {
    const row = await placed(cursor);
    if (row?.lab_id === labId) return row.n;
    throw new LabError("validation_error", "cursor: is not of this list; take the next_cursor of the page before");
  };

  return {
    async list(query) {
      const { limit, cursor } = query;
      const labId = await labs.idOf(query.labId);
      noteRead("experiments");
      const projectId = query.projectId === undefined ? undefined : await projectIdOf(store.db, labId, query.projectId);
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : await placeOf(cursor, labId);
      const found = await places({ ...query, projectId }, labId, before);
      const rows = await cache.at(found.slice(0, limit));
      const hasMore = found.length > limit;
      return { rows, hasMore, nextCursor: hasMore ? (rows.at(-1)?.id ?? null) : null };
    },

    window: async (labId, limit) => windowOf(store, await labs.idOf(labId), limit),

    get,

    children: (ref, page) => childrenOf(store, ref, page),

    async countRunning() {
      const [row] = await countByStatus("running");
      return row?.count ?? 0;
    },

    async unfinished() {
      const rows = await selectRows(store.db)
        .where("status", "in", unfinishedStatuses)
        .orderBy("priority")
        .orderBy("n")
        .execute();
      return rows.map(toExperiment);
    },
  };
}

/** What is open, running ones first, and the newest of what has ended. */
async function windowOf(store: LabStore, labId: string, limit: number): Promise<Experiment[]> {
  noteRead("experiments");
  const all = selectRows(store.db).where("lab_id", "=", labId);
  const open = await all
    .where("status", "in", [...unfinishedStatuses, "draft"])
    .orderBy(({ eb }) => eb("status", "=", "running"), "desc")
    .orderBy("n", "desc")
    .limit(windowUnfinished)
    .execute();
  const newest = (status: string) => all.where("status", "=", status).orderBy("n", "desc").limit(limit).execute();
  const finished = [...(await newest("pass")), ...(await newest("fail"))].sort((a, b) => b.n - a.n);
  return [...open, ...finished.slice(0, limit)].sort((a, b) => b.n - a.n).map(toExperiment);
}

async function childrenOf(store: LabStore, ref: string, page: PageRequest): Promise<Page<Experiment>> {
  const { id } = await needRow(store.db, ref);
  noteRead("experiments");
  const children = selectRows(store.db).where("parent_id", "=", id);
  return readPage(page, {
    place: (cursor) => children.where("experiments.id", "=", cursor).executeTakeFirst(),
    rows: (before, limit) => children.where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
    to: toExperiment,
  });
}

type Filter = Pick<ListQuery, "status" | "projectId" | "limit">;

/** The places of a page of the list, newest first, and one more: a prepared query for each combination of filters. */
function placesOf(store: LabStore) {
  const queries = new Map<string, Prepared<{ n: number }>>();
  return async ({ status, projectId, limit }: Filter, labId: string, before: number): Promise<number[]> => {
    const shape = `${status === undefined ? "" : "status"},${projectId === undefined ? "" : "project"}`;
    let query = queries.get(shape);
    if (query === undefined) {
      query = prepared(store, (db) => {
        let page = db.selectFrom("experiments").select("n").where("lab_id", "=", "").where("n", "<", 0);
        if (status !== undefined) page = page.where("status", "=", "");
        if (projectId !== undefined) page = page.where("project_id", "=", "");
        return page.orderBy("n", "desc").limit(0);
      });
      queries.set(shape, query);
    }
    const filters = [status, projectId].filter((value) => value !== undefined);
    return (await query(labId, before, ...filters, limit + 1)).map(({ n }) => n);
  };
}
