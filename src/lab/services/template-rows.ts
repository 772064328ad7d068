import type { Selectable } from "kysely";
import { type LabTemplate, maxTemplateConfigBytes } from "../../contract/template.js";
import { visibleLabs } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { TemplatesTable } from "../store/schema-experiments.js";
import type { LabStore } from "../store/store.js";
import type { Program } from "../templates/program.js";
import type { Page } from "./page.js";
import type { TemplateDraft } from "./template-check.js";

type Row = Selectable<TemplatesTable>;

/** What the lab brings along, and how a program looks at its config. */
export type BuiltIn = Pick<Program, "template" | "parameters" | "complaint">;

const builtInPrefix = "builtin_";

/** The lab's own template of that id or name; without a lab, the oldest that the caller may see. */
export function findOwn(store: LabStore, ref: string, labId: string | undefined): Promise<Row | undefined> {
  const seen = visibleLabs();
  let rows = store.db
    .selectFrom("templates")
    .selectAll()
    .where((where) => where.or([where("id", "=", ref), where("name", "=", ref)]))
    .orderBy("n")
    .limit(1);
  if (labId !== undefined) rows = rows.where("lab_id", "=", labId);
  else if (seen !== null) rows = rows.where("lab_id", "in", [...seen]);
  return rows.executeTakeFirst();
}

/** Every template of a lab's own. */
export async function ownTemplates(store: LabStore, labId: string): Promise<LabTemplate[]> {
  const rows = await store.db.selectFrom("templates").selectAll().where("lab_id", "=", labId).orderBy("n").execute();
  return rows.map(toTemplate);
}

/** Built-in ones first, then the lab's own, oldest first. */
export async function listPage(
  store: LabStore,
  { labId, builtIn }: { labId: string; builtIn: readonly LabTemplate[] },
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<LabTemplate>> {
  const at = builtIn.findIndex(({ _id }) => _id === cursor);
  const rest = cursor === undefined || at >= 0 ? builtIn.slice(at + 1, at + 2 + limit) : [];
  const after = cursor === undefined || at >= 0 ? 0 : await placeOf(store, labId, cursor);
  const rows = await store.db
    .selectFrom("templates")
    .selectAll()
    .where("lab_id", "=", labId)
    .where("n", ">", after)
    .orderBy("n")
    .limit(limit + 1 - rest.length)
    .execute();
  const all = [...rest, ...rows.map(toTemplate)];
  const page = all.slice(0, limit);
  const hasMore = all.length > limit;
  return { rows: page, hasMore, nextCursor: hasMore ? (page.at(-1)?._id ?? null) : null };
}

async function placeOf(store: LabStore, labId: string, cursor: string): Promise<number> {
  const row = await store.db
    .selectFrom("templates")
    .select("n")
    .where("id", "=", cursor)
    .where("lab_id", "=", labId)
    .executeTakeFirst();
  if (row === undefined) throw new LabError("validation_error", "cursor: is not of this list; start again without it");
  return row.n;
}

/** A draft as it is stored. */
export function columnsOf(draft: TemplateDraft) {
  const config = JSON.stringify(draft.config);
  if (Buffer.byteLength(config) > maxTemplateConfigBytes) {
    throw new LabError("validation_error", `config: is larger than ${maxTemplateConfigBytes / 1024} KiB`);
  }
  return {
    name: draft.name,
    title: draft.title,
    description: draft.description,
    compute_mode: draft.computeMode,
    config,
    parameters: JSON.stringify(draft.parameters),
    metric_patterns: JSON.stringify(draft.metricPatterns),
    estimated_seconds: draft.estimatedSeconds,
    program: draft.program,
  };
}

export function toBuiltIn({ template, parameters }: BuiltIn, labId: string): LabTemplate {
  const id = `${builtInPrefix}${template.name}`;
  return {
    ...template,
    _id: id,
    _creationTime: null,
    id,
    labId,
    parameters: [...parameters()],
    metricPatterns: [],
    program: template.name,
    fromExperiment: null,
    builtIn: true,
    createdAt: null,
    updatedAt: null,
  };
}

export function toTemplate(row: Row): LabTemplate {
  return {
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    labId: row.lab_id,
    name: row.name,
    title: row.title,
    description: row.description,
    computeMode: row.compute_mode,
    config: JSON.parse(row.config) as Record<string, unknown>,
    parameters: JSON.parse(row.parameters) as LabTemplate["parameters"],
    metricPatterns: JSON.parse(row.metric_patterns) as LabTemplate["metricPatterns"],
    estimatedSeconds: row.estimated_seconds,
    program: row.program,
    fromExperiment: row.from_experiment_id,
    builtIn: false,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
