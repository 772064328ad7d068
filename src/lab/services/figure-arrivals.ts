import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { type Figure, NewFigure } from "../../contract/figure.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { LabStore } from "../store/store.js";
import type { Blobs, Staged } from "../uploads/blobs.js";
import { type FigureShape, figureTypeOfFile } from "../uploads/figure-type.js";
import { fileNameOf } from "../uploads/file-name.js";
import { readUpload } from "../uploads/multipart.js";
import { newDocumentId } from "./document-id.js";
import type { createFigureOwners } from "./figure-owners.js";
import { type FigureRow, missingFigure, tellFigure, toFigure } from "./figure-rows.js";
import type { LabsService } from "./labs.js";

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

export interface FiguresParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly blobs: Blobs;
  /** Largest figure, bytes. */
  readonly maxBytes: number;
}

interface ArrivalParts extends FiguresParts {
  readonly owners: ReturnType<typeof createFigureOwners>;
}

/** How figures come: by upload, or found by the lab. */
export function createFigureArrivals({ store, labs, blobs, maxBytes, owners }: ArrivalParts) {
  const insert = async (values: Omit<FigureRow, "n" | "id" | "created_at" | "updated_at">, staged: Staged) =>
    store.change(async (change) => {
      await blobs.keep(staged);
      const times = { created_at: change.at, updated_at: change.at };
      const row = await change.tx
        .insertInto("figures")
        .values({ ...values, ...times, id: newDocumentId() })
        .returningAll()
        .executeTakeFirstOrThrow();
      tellFigure(change, "figure.created", row);
      return toFigure(row);
    });

  /** The same file of the same attempt as it is now. */
  const replace = (known: FigureRow, shape: FigureShape, staged: Staged) =>
    store.change(async (change) => {
      await blobs.keep(staged);
      const row = await change.tx
        .updateTable("figures")
        .set({ ...contentOf(shape, staged), updated_at: change.at })
        .where("id", "=", known.id)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw new LabError("not_found", missingFigure(known.id));
      if (known.sha256 !== row.sha256) {
        blobs.released([known.sha256]);
        tellFigure(change, "figure.updated", row);
      }
      return toFigure(row);
    });

  return {
    async upload(request: Request): Promise<Figure> {
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

    async register(found: FoundFigure): Promise<Figure> {
      const { file, source, attempt = null, path = null, ...given } = found;
      const labId = await labs.idOf(found.labId);
      const columns = await owners.columnsOf(labId, given);
      const bytes = typeof file === "string" ? createReadStream(file) : Readable.from([file]);
      const staged = await blobs.stage(bytes, { maxBytes, field: "file" });
      try {
        const shape = await shapeOf(staged);
        const known = await knownOf(store, found);
        if (known !== undefined) return await replace(known, shape, staged);
        const name = fileNameOf(given.fileName, "figure");
        const origin = { source, attempt, source_path: path, file_name: name, title: given.title ?? name };
        return await insert({ ...nothing, ...columns, ...origin, ...contentOf(shape, staged), lab_id: labId }, staged);
      } finally {
        await blobs.discard(staged);
      }
    },
  };
}

async function shapeOf({ file }: Staged): Promise<FigureShape> {
  const shape = await figureTypeOfFile(file);
  if (shape === null) throw new LabError("validation_error", "file: must be a PNG, JPG, SVG, PDF or WebP image");
  return shape;
}

/** The figure that this path of this attempt is already. */
async function knownOf({ db }: LabStore, { experimentId, attempt, path }: FoundFigure): Promise<FigureRow | undefined> {
  if (experimentId === undefined || path === undefined) return undefined;
  return db
    .selectFrom("figures")
    .selectAll()
    .where("experiment_id", "=", experimentId)
    .where("attempt", "is", attempt ?? null)
    .where("source_path", "=", path)
    .executeTakeFirst();
}

const nothing = { paper_id: null, experiment_id: null, script_file: null, figure_type: null, caption: null };

const contentOf = ({ mimeType, width, height }: FigureShape, { sha256, size }: Staged) => ({
  mime_type: mimeType,
  width,
  height,
  sha256,
  size_bytes: size,
});
