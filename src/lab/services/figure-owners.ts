import type { FigurePatch } from "../../contract/figure.js";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import { isDisplayId } from "./experiment-rows.js";

/** Experiments and papers that figures belong to, by document id or by the name that people use. */
export function createFigureOwners(store: LabStore) {
  /** By one kind of id: asked for both at once, SQLite would look at every experiment of the lab. */
  const findExperiment = (labId: string, ref: string) => {
    const ofLab = store.db.selectFrom("experiments").select("id").where("lab_id", "=", labId);
    const named = isDisplayId(ref)
      ? ofLab.where("display_id", "in", [ref, ref.toUpperCase()])
      : ofLab.where("id", "=", ref);
    return named.executeTakeFirst();
  };
  const findPaper = (labId: string, ref: string) =>
    store.db
      .selectFrom("papers")
      .select("id")
      .where("lab_id", "=", labId)
      .where((where) => where.or([where("id", "=", ref), where("slug", "=", ref)]))
      .executeTakeFirst();
  const known = (row: { id: string } | undefined, field: string, ref: string) => {
    if (row !== undefined) return row.id;
    throw new LabError("validation_error", `${field}: ${ref} does not exist in this lab`);
  };

  return {
    /** What a list is narrowed to. An experiment that was deleted is asked for by its document id: its figures are still here. */
    experimentFilter: async (labId: string, ref: string) => (await findExperiment(labId, ref))?.id ?? ref,
    paperFilter: async (labId: string, ref: string) => (await findPaper(labId, ref))?.id ?? ref,

    /** The columns of what was given; null takes a value away, and so does an empty text. */
    async columnsOf(labId: string, given: FigurePatch) {
      const { experimentId, paperId, scriptFile, figureType, caption } = given;
      const text = (value: string | null) => (value === "" ? null : value);
      return {
        ...(experimentId === undefined
          ? {}
          : {
              experiment_id:
                text(experimentId) &&
                known(await findExperiment(labId, experimentId ?? ""), "experimentId", experimentId ?? ""),
            }),
        ...(paperId === undefined
          ? {}
          : { paper_id: text(paperId) && known(await findPaper(labId, paperId ?? ""), "paperId", paperId ?? "") }),
        ...(scriptFile === undefined ? {} : { script_file: text(scriptFile) }),
        ...(figureType === undefined ? {} : { figure_type: text(figureType) }),
        ...(caption === undefined ? {} : { caption: text(caption) }),
      };
    },
  };
}
