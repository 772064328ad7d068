import { ExperimentConfig } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import type { MetricPattern } from "../../contract/template.js";
import { nearest } from "../../core/nearest.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { TemplateContent } from "./template-content.js";
import { defaultsOf } from "./template-parameters.js";
import { renderConfig } from "./template-placeholders.js";

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
export function findTemplate<Card extends Template>(name: string, templates: readonly Card[]): Card {
  const found = templates.find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = [...new Set(templates.map((template) => template.name))];
  const meant = nearest(name, names);
  const hint = meant === undefined ? "" : ` Did you mean "${meant}"?`;
  const known = names.length === 0 ? "this lab has none" : `known: ${names.join(", ")}`;
  throw new LabError("validation_error", `template: no template "${name}" (${known}).${hint}`);
}

/** Refuses a config that could never run, and says what to write instead. The template has looked at its part already. */
export function checkConfig(
  draft: { readonly config: Json },
  template: Pick<TemplateContent, "config" | "program"> | null,
): ExperimentConfig {
  const config = parseOrRefuse(ExperimentConfig, draft.config, "config.");
  const runs = mergeConfig(template?.config ?? {}, draft.config);
  if ((template?.program ?? runs["script"] ?? runs["command"] ?? null) === null) {
    const example = '{"script": "run.py"} or {"command": "python3 -m run"}';
    throw new LabError("validation_error", `config: nothing to run; write ${example}, or name a template`);
  }
  return config;
}

/** What of an experiment's row says how it runs; `template_content` is there when the template was the lab's own. */
export interface ConfigSource {
  readonly config: string;
  readonly template: string | null;
  readonly template_content?: string | null;
}

/** How an experiment really runs. The stored config stays as it was written. */
export interface RunPlan {
  /** Everything, with what the lab does not know: it is the run's own. */
  readonly values: Json;
  /** What the lab reads of it. */
  readonly config: ExperimentConfig;
  /** Built-in program; null: the config says what runs. */
  readonly program: string | null;
  readonly metricPatterns: readonly MetricPattern[];
}

/** The experiment's own config over its template's over the template's program's, with parameters filled in. */
export function resolveRun(source: ConfigSource, builtIn: readonly Template[]): RunPlan {
  const own = JSON.parse(source.config) as Json;
  const content = contentOf(source);
  const program = content === null ? source.template : content.program;
  const base = program === null ? {} : findTemplate(program, builtIn).config;
  if (content === null) return planOf(mergeConfig(base, own), program, []);
  const defaults = mergeConfig(base, defaultsOf(content.parameters));
  const merged = mergeConfig(mergeConfig(defaults, content.config), withoutNulls(own));
  return planOf(renderConfig(merged, content.parameters), program, content.metricPatterns);
}

/** null is no value: the default counts. */
const withoutNulls = (own: Json): Json => Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null));

const planOf = (values: Json, program: string | null, metricPatterns: readonly MetricPattern[]): RunPlan => ({
  values,
  config: parseOrRefuse(ExperimentConfig, values, "config."),
  program,
  metricPatterns,
});

const contentOf = ({ template_content: content }: ConfigSource): TemplateContent | null =>
  content === null || content === undefined ? null : (JSON.parse(content) as TemplateContent);

/** What the lab reads of the config that an experiment really runs with. */
export const runConfig = (source: ConfigSource, builtIn: readonly Template[]): ExperimentConfig =>
  resolveRun(source, builtIn).config;
