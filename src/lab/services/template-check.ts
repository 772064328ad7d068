import { flawOfPattern } from "../../chain/patterns.js";
import { ExperimentConfig } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import type { LabTemplate, MetricPattern, TemplateParameter } from "../../contract/template.js";
import { nearest } from "../../core/nearest.js";
import { boundedRunner, TooLongError } from "../bounded-run.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import { mergeConfig } from "./experiment-config.js";
import { checkParameters, flawOf } from "./template-parameters.js";
import { strangers } from "./template-placeholders.js";

/** What a person says of a template. */
export type TemplateDraft = Pick<
  LabTemplate,
  | "name"
  | "title"
  | "description"
  | "computeMode"
  | "config"
  | "parameters"
  | "metricPatterns"
  | "estimatedSeconds"
  | "program"
>;

interface Programs {
  readonly cards: readonly Template[];
  complain(program: string, config: Readonly<Record<string, unknown>>): string | null;
}

/** Refuses a template of which no experiment could ever be made, with the path of the field that is wrong. */
export function checkDraft(draft: TemplateDraft, { cards, complain }: Programs): void {
  const { title, config, parameters, metricPatterns, program } = draft;
  const base = program === null ? {} : programOf(program, cards).config;
  refuseFlaws("parameters", parameters, flawOf);
  refuseFlaws("metricPatterns", metricPatterns, flawInTime);
  parseOrRefuse(ExperimentConfig, config, "config.");
  checkParameters(config, parameters, { isComplete: false });
  const complaint = program === null ? null : complain(program, mergeConfig(base, config));
  if (complaint !== null) throw new LabError("validation_error", `config.${complaint}`);
  const [stranger] = strangers(title, config, parameters);
  if (stranger !== undefined) throw new LabError("validation_error", strangeWords(stranger, parameters));
}

const patternMs = 100;

/** A pattern may nest so that even an empty line takes for ever. */
function flawInTime(pattern: MetricPattern): string | null {
  try {
    return boundedRunner(patternMs)(() => flawOfPattern(pattern));
  } catch (error) {
    if (error instanceof TooLongError) return "pattern: takes too long; write it without nested repetition like (a+)+";
    throw error;
  }
}

function programOf(program: string, cards: readonly Template[]): Template {
  const found = cards.find(({ name }) => name === program);
  if (found !== undefined) return found;
  const known = cards.map(({ name }) => name).join(", ");
  throw new LabError("validation_error", `program: no program "${program}" (known: ${known})`);
}

function refuseFlaws<Item extends TemplateParameter | MetricPattern>(
  field: string,
  items: readonly Item[],
  flawIn: (item: Item) => string | null,
): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const flaw = seen.has(item.name) ? `name: ${item.name} is there twice` : flawIn(item);
    if (flaw !== null) throw new LabError("validation_error", `${field}.${index}.${flaw}`);
    seen.add(item.name);
  }
}

function strangeWords([path, name]: readonly [string, string], parameters: readonly TemplateParameter[]): string {
  const known = parameters.map((parameter) => parameter.name);
  const meant = nearest(name, known);
  const hint = meant === undefined ? "" : ` Did you mean "${meant}"?`;
  return `${path}: {{${name}}} is no parameter (known: ${known.join(", ") || "none"}).${hint}`;
}
