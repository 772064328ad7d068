import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { Selectable } from "kysely";
import { type Figure, FigurePatch, NewFigure } from "../../contract/figure.js";
import { needLab, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { FiguresTable } from "../store/schema-system.js";
import type { Change, LabStore } from "../store/store.js";
import type { Blobs, Staged } from "../uploads/blobs.js";
import { type FigureShape, figureTypeOfFile } from "../uploads/figure-type.js";
import { fileNameOf } from "../uploads/file-name.js";
import { readUpload } from "../uploads/multipart.js";
import { newDocumentId } from "./document-id.js";
import { createFigureOwners } from "./figure-owners.js";
import { type Page, type PageRequest, readPage } from "./page.js";
import type { LabsService } from "./service.js";

export interface FigureQuery extends PageRequest {
  readonly labId: string;
  /** Document id, or slug or display id. */
  readonly paperId?: string | undefined;
  readonly experimentId?: string | undefined;
}

/** A figure that the lab itself found or was handed. */
export interface FoundFigure {
  readonly labId: string;
  readonly source: Figure["source"];
  /** Its bytes, or where they lie; the file is left as it is. */
  readonly file: string | Uint8Array;
  readonly fileName: string;
  /** Default: the file's name. */
  readonly title?: string | undefined;
  readonly experimentId?: string | undefined;
  readonly attempt?: number | undefined;
  /** Where it was in the run directory: the same path of the same attempt again replaces the figure's content. */
  readonly path?: string | undefined;
  readonly paperId?: string | undefined;
  readonly caption?: string | undefined;
  readonly figureType?: string | undefined;
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

export interface FiguresParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly blobs: Blobs;
  /** Largest figure, bytes. */
  readonly maxBytes: number;
}

type Row = Selectable<FiguresTable>;

const missing = (id: string) => `Figure ${id} does not exist.`;

/** Figures of experiments and papers. They outlive the experiment that made them. */
export function createFigures({ store, labs, blobs, maxBytes }: FiguresParts): FiguresService {
  const owners = createFigureOwners(store);

  const needRow = async (id: string): Promise<Row> => {
    const row = await store.db.selectFrom("figures").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", missing(id));
    needLab(row.lab_id, missing(id));
    noteRead(`figure:${row.id}`);
    return row;
  };

  const narrowed = async (labId: string, { experimentId, paperId }: FigureQuery) => {
    let list = store.db.selectFrom("figures").selectAll().where("lab_id", "=", labId);
    if (experimentId !== undefined) {
      list = list.where("experiment_id", "=", await owners.experimentFilter(labId, experimentId));
    }
    if (paperId !== undefined) list = list.where("paper_id", "=", await owners.paperFilter(labId, paperId));
    return list;
  };

  const shapeOf = async ({ file }: Staged): Promise<FigureShape> => {
    const shape = await figureTypeOfFile(file);
    if (shape === null) throw new LabError("validation_error", "file: must be a PNG, JPG, SVG, PDF or WebP image");
    return shape;
  };

  const tell = ({ event, touch }: Change, topic: string, row: Row) => {
    const { id, lab_id: labId, title, experiment_id: experimentId, paper_id: paperId, mime_type: mimeType } = row;
    event(topic, id, { labId, title, experimentId, paperId, mimeType });
    touch(`figures:${labId}`);
    touch(`figure:${id}`);
  };

  const insert = async (values: Omit<Row, "n" | "id" | "created_at" | "updated_at">, staged: Staged) =>
    store.change(async (change) => {
      await blobs.keep(staged);
      const times = { created_at: change.at, updated_at: change.at };
      const row = await change.tx
        .insertInto("figures")
        .values({ ...values, ...times, id: newDocumentId() })
        .returningAll()
        .executeTakeFirstOrThrow();
      tell(change, "figure.created", row);
      return toFigure(row);
    });

  /** The same file of the same attempt as it is now. */
  const replace = (known: Row, shape: FigureShape, staged: Staged) =>
    store.change(async (change) => {
      await blobs.keep(staged);
      const row = await change.tx
        .updateTable("figures")
        .set({ ...contentOf(shape, staged), updated_at: change.at })
        .where("id", "=", known.id)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw new LabError("not_found", missing(known.id));
      if (known.sha256 !== row.sha256) {
        blobs.released([known.sha256]);
        tell(change, "figure.updated", row);
      }
      return toFigure(row);
    });

  const knownOf = ({ experimentId, attempt, path }: FoundFigure) =>
    experimentId === undefined || path === undefined
      ? undefined
      : store.db
          .selectFrom("figures")
          .selectAll()
          .where("experiment_id", "=", experimentId)
          .where("attempt", "is", attempt ?? null)
          .where("source_path", "=", path)
          .executeTakeFirst();

  return {
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

    get: async (id) => toFigure(await needRow(id)),

    async content(id) {
      const row = await needRow(id);
      return { figure: toFigure(row), file: blobs.pathOf(row.sha256) };
    },

    async upload(request) {
      const { fields, fileName, staged } = await readUpload(request, blobs, maxBytes);
      try {
        const draft = parseOrRefuse(NewFigure, fields);
        const labId = await labs.idOf(draft.labId);
        const shape = await shapeOf(staged);
        const columns = await owners.columnsOf(labId, draft);
        const name = fileNameOf(fileName, "figure");
        const origin = { source: "upload", source_path: null, attempt: null };
        const { title } = draft;
        const values = { ...nothing, ...columns, ...origin, ...contentOf(shape, staged), lab_id: labId, title };
        return await insert({ ...values, file_name: name }, staged);
      } finally {
        await blobs.discard(staged);
      }
    },

    async register(found) {
      const { file, source, attempt = null, path = null, ...given } = found;
      const labId = await labs.idOf(found.labId);
      const columns = await owners.columnsOf(labId, given);
      const bytes = typeof file === "string" ? createReadStream(file) : Readable.from([file]);
      const staged = await blobs.stage(bytes, { maxBytes, field: "file" });
      try {
        const shape = await shapeOf(staged);
        const known = await knownOf(found);
        if (known !== undefined) return await replace(known, shape, staged);
        const name = fileNameOf(given.fileName, "figure");
        const origin = { source, attempt, source_path: path, file_name: name, title: given.title ?? name };
        return await insert({ ...nothing, ...columns, ...origin, ...contentOf(shape, staged), lab_id: labId }, staged);
      } finally {
        await blobs.discard(staged);
      }
    },

    async patch(id, wanted) {
      const changes = parseOrRefuse(FigurePatch, wanted);
      return store.change(async (change) => {
        const { lab_id: labId, title } = await needRow(id);
        const columns = await owners.columnsOf(labId, changes);
        const row = await change.tx
          .updateTable("figures")
          .set({ ...columns, title: changes.title ?? title, updated_at: change.at })
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirstOrThrow();
        tell(change, "figure.updated", row);
        return toFigure(row);
      });
    },

    remove: (id) =>
      store.change(async (change) => {
        const row = await needRow(id);
        await change.tx.deleteFrom("figures").where("id", "=", id).execute();
        blobs.released([row.sha256]);
        tell(change, "figure.deleted", row);
        return toFigure(row);
      }),
  };
}

const nothing = { paper_id: null, experiment_id: null, script_file: null, figure_type: null, caption: null };

const contentOf = ({ mimeType, width, height }: FigureShape, { sha256, size }: Staged) => ({
  mime_type: mimeType,
  width,
  height,
  sha256,
  size_bytes: size,
});

function toFigure(row: Row): Figure {
  const url = `/v1/figures/${row.id}`;
  return {
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    labId: row.lab_id,
    title: row.title,
    fileName: row.file_name,
    mimeType: row.mime_type as Figure["mimeType"],
    size: row.size_bytes,
    sha256: row.sha256,
    width: row.width,
    height: row.height,
    paperId: row.paper_id,
    experimentId: row.experiment_id,
    attempt: row.attempt,
    scriptFile: row.script_file,
    figureType: row.figure_type,
    caption: row.caption,
    source: row.source as Figure["source"],
    sourcePath: row.source_path,
    imageUrl: `${url}/image`,
    downloadUrl: `${url}/download`,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
