import type { Selectable } from "kysely";
import type { Figure } from "../../contract/figure.js";
import { needLab, noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { FiguresTable } from "../store/schema-outside.js";
import type { Change, LabStore } from "../store/store.js";

export type FigureRow = Selectable<FiguresTable>;

export const missingFigure = (id: string) => `Figure ${id} does not exist.`;

/** The row, as far as the caller may see it; refuses with `not_found`. */
export async function needFigure({ db }: Pick<LabStore, "db">, id: string): Promise<FigureRow> {
  const row = await db.selectFrom("figures").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) throw new LabError("not_found", missingFigure(id));
  needLab(row.lab_id, missingFigure(id));
  noteRead(`figure:${row.id}`);
  return row;
}

export function tellFigure({ event, touch }: Change, topic: string, row: FigureRow): void {
  const { id, lab_id: labId, title, experiment_id: experimentId, paper_id: paperId, mime_type: mimeType } = row;
  event(topic, id, { labId, title, experimentId, paperId, mimeType });
  touch(`figures:${labId}`);
  touch(`figure:${id}`);
}

export function toFigure(row: FigureRow): Figure {
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
