import { ExperimentConfig } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import { nearest } from "../../core/nearest.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `own` over `defaults`: objects are merged, everything else (arrays too) is replaced. */
export function mergeConfig(defaults: Json, own: Json): Json {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(own)) {
    const base = merged[key];
    merged[key] = isObject(base) && isObject(value) ? mergeConfig(base, value) : value;
  }
  return merged;
}

/** The template of that name, or a refusal that suggests the nearest. */
export function findTemplate(name: string, templates: readonly Template[]): Template {
  const found = templates.find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = templates.map((template) => template.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? "" : ` Did you mean "${meant}"?`;
  const known = names.length === 0 ? "this lab has none" : `known: ${names.join(", ")}`;
  throw new LabError("validation_error", `template: no template "${name}" (${known}).${hint}`);
}

/** Refuses a config that could never run, and says what to write instead. */
export function checkConfig(
  draft: { config: Json; template?: string | undefined },
  templates: readonly Template[],
): { config: ExperimentConfig; template: Template | null } {
  const config = parseOrRefuse(ExperimentConfig, draft.config, "config.");
  const template = draft.template === undefined ? null : findTemplate(draft.template, templates);
  if (template === null && config.script === undefined && config.command === undefined) {
    const example = '{"script": "run.py"} or {"command": "python3 -m run"}';
    throw new LabError("validation_error", `config: nothing to run; write ${example}, or name a template`);
  }
  return { config, template };
}

/** What an experiment really runs with: its own config over its template's. The stored config stays as it was written. */
export function runConfig(
  experiment: { readonly config: string; readonly template: string | null },
  templates: readonly Template[],
): ExperimentConfig {
  const own = JSON.parse(experiment.config) as Json;
  if (experiment.template === null) return parseOrRefuse(ExperimentConfig, own, "config.");
  const template = findTemplate(experiment.template, templates);
  return parseOrRefuse(ExperimentConfig, mergeConfig(template.config, own), "config.");
}
