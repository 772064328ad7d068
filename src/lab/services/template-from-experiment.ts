import type { LabTemplate } from "../../contract/template.js";
import { noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import { mergeConfig } from "./experiment-config.js";
import { needRow } from "./experiment-rows.js";
import type { TemplateDraft } from "./template-check.js";
import { configSource, type TemplateContent } from "./template-content.js";

/** Fields of a config that belong to one experiment and not to the next. */
const ownToOne = ["dependsOn", "resumeFrom"];

interface FromExperiment {
  readonly labId: string;
  readonly experimentId: string;
  readonly draft: Omit<TemplateDraft, "name" | "parameters"> & Partial<Pick<TemplateDraft, "parameters">>;
}

/** What makes the same experiment again: its config over that of its template, and the template's parameters. */
export async function draftFrom(store: LabStore, ref: string): Promise<FromExperiment> {
  const row = await needRow(store.db, ref).catch((error: unknown) => {
    throw error instanceof LabError ? new LabError(error.code, `fromExperiment: ${error.message}`) : error;
  });
  noteRead(`experiment:${row.id}`);
  const content = await contentOf(store, row.id);
  const own = Object.entries(JSON.parse(row.config) as Record<string, unknown>);
  const config = Object.fromEntries(own.filter(([name]) => !ownToOne.includes(name)));
  const tookMs = row.started_at === null || row.ended_at === null ? null : row.ended_at - row.started_at;
  const draft = {
    title: row.title,
    description: `Made of ${row.display_id}.`,
    computeMode: row.compute_mode,
    config: mergeConfig(content?.config ?? {}, config),
    metricPatterns: content?.metricPatterns ?? [],
    estimatedSeconds: row.status === "pass" && tookMs !== null && tookMs > 0 ? tookMs / 1000 : row.estimated_seconds,
    program: content === null ? row.template : content.program,
    ...(content === null ? {} : { parameters: content.parameters }),
  };
  return { labId: row.lab_id, experimentId: row.id, draft };
}

/** The template of an experiment as it was when that was made; null for none, and for a built-in one. */
export async function templateOf(store: LabStore, experimentId: string): Promise<LabTemplate | null> {
  const content = await contentOf(store, experimentId);
  if (content === null) return null;
  const unknown = { _id: "", _creationTime: null, id: "", labId: "", title: "", description: "", computeMode: "" };
  return { ...unknown, ...content, fromExperiment: null, builtIn: false, createdAt: null, updatedAt: null };
}

async function contentOf(store: LabStore, experimentId: string): Promise<TemplateContent | null> {
  const source = await configSource(store, experimentId);
  const content = source?.template_content ?? null;
  return content === null ? null : (JSON.parse(content) as TemplateContent);
}
