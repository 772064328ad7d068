import { type Figure, FigurePatch } from "../../contract/figure.js";
import { noteRead } from "../access/asking.js";
import { parseOrRefuse } from "../refusal.js";
import { createFigureArrivals, type FiguresParts, type FoundFigure } from "./figure-arrivals.js";
import { createFigureOwners } from "./figure-owners.js";
import { needFigure, tellFigure, toFigure } from "./figure-rows.js";
import { type Page, type PageRequest, readPage } from "./page.js";

export type { FoundFigure } from "./figure-arrivals.js";

export interface FigureQuery extends PageRequest {
  readonly labId: string;
  /** Document id, or slug or display id. */
  readonly paperId?: string | undefined;
  readonly experimentId?: string | undefined;
}

/** Where the bytes of a figure lie. */
export interface FigureContent {
  readonly figure: Figure;
  readonly file: string;
}

export interface FiguresService {
  /** Newest first. */
  list(query: FigureQuery): Promise<Page<Figure>>;
  get(id: string): Promise<Figure>;
  content(id: string): Promise<FigureContent>;
  /** Reads a multipart body; the format of its file is told by the first bytes. */
  upload(request: Request): Promise<Figure>;
  /** Refuses, with `file: …`, what is no figure or larger than an upload may be. */
  register(found: FoundFigure): Promise<Figure>;
  patch(id: string, changes: FigurePatch): Promise<Figure>;
  remove(id: string): Promise<Figure>;
}

/** Figures of experiments and papers. They outlive the experiment that made them. */
export function createFigures(parts: FiguresParts): FiguresService {
  const { store, labs, blobs } = parts;
  const owners = createFigureOwners(store);

  const arrivals = createFigureArrivals({ ...parts, owners });

  const narrowed = async (labId: string, { experimentId, paperId }: FigureQuery) => {
    let list = store.db.selectFrom("figures").selectAll().where("lab_id", "=", labId);
    if (experimentId !== undefined) {
      list = list.where("experiment_id", "=", await owners.experimentFilter(labId, experimentId));
    }
    if (paperId !== undefined) list = list.where("paper_id", "=", await owners.paperFilter(labId, paperId));
    return list;
  };

  return {
    ...arrivals,

    async list(query) {
      const labId = await labs.idOf(query.labId);
      noteRead(`figures:${labId}`);
      const list = await narrowed(labId, query);
      return readPage(query, {
        place: (id) => list.where("id", "=", id).executeTakeFirst(),
        rows: (before, limit) => list.where("n", "<", before).orderBy("n", "desc").limit(limit).execute(),
        to: toFigure,
      });
    },

    get: async (id) => toFigure(await needFigure(store, id)),

    async content(id) {
      const row = await needFigure(store, id);
      return { figure: toFigure(row), file: blobs.pathOf(row.sha256) };
    },

    async patch(id, wanted) {
      const changes = parseOrRefuse(FigurePatch, wanted);
      return store.change(async (change) => {
        const { lab_id: labId, title } = await needFigure(store, id);
        const columns = await owners.columnsOf(labId, changes);
        const row = await change.tx
          .updateTable("figures")
          .set({ ...columns, title: changes.title ?? title, updated_at: change.at })
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirstOrThrow();
        tellFigure(change, "figure.updated", row);
        return toFigure(row);
      });
    },

    remove: (id) =>
      store.change(async (change) => {
        const row = await needFigure(store, id);
        await change.tx.deleteFrom("figures").where("id", "=", id).execute();
        blobs.released([row.sha256]);
        tellFigure(change, "figure.deleted", row);
        return toFigure(row);
      }),
  };
}
