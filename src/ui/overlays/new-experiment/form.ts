import type { TemplatesState } from "../../../app/slices/templates.js";
import type { NewExperimentDraft } from "../../../app/slices/view.js";
import { ComputeMode, NewExperiment, Priority } from "../../../contract/experiment.js";
import type { OfferedTemplate } from "../../../contract/template.js";
import { computeModes, priorities } from "../../../contract/vocabulary.js";
import type { Failure } from "../../../core/failure.js";
import type { UnsentExperiment } from "../../memory.js";
import { atOffset, type TextAreaState, textArea } from "../../widgets/area-editor.js";
import { type TextFieldState, textField } from "../../widgets/line-editor.js";
import { parseConfig, placeOf } from "./config.js";
import { startingConfig } from "./parameters.js";

export const formFields = [
  "template",
  "title",
  "compute",
  "priority",
  "estimate",
  "queue",
  "start",
  "config",
  "send",
] as const;
export type FormField = (typeof formFields)[number];

export interface ExperimentForm {
  readonly field: FormField;
  /** null: no template, the config says what to run. undefined: the templates have not come yet. */
  readonly template: string | null | undefined;
  readonly title: TextFieldState;
  readonly compute: ComputeMode;
  readonly priority: Priority;
  /** Seconds, or with a unit: `90`, `10 min`, `2h`. Empty is unknown. */
  readonly estimate: TextFieldState;
  /** Name of one of the lab's queues. */
  readonly queue: string;
  readonly start: (typeof starts)[number];
  readonly config: TextAreaState;
  /** Fields the person has changed; choosing another template leaves them alone. */
  readonly edited: readonly string[];
  readonly projectId: string | null;
  /** Sending was tried: problems of fields not touched yet are shown too. */
  readonly checked: boolean;
  /** Sent as soon as the templates are there: Enter was faster than they. */
  readonly sendWhenLoaded: boolean;
  readonly sending: boolean;
  readonly failure: Failure | null;
}

export interface FormProblem {
  readonly message: string;
  /** Where in the config; only there. */
  readonly offset?: number;
}
export type FormProblems = Readonly<Partial<Record<FormField, FormProblem>>>;

export const noTemplate = "none";
/** A draft never starts before somebody queues it. */
export const starts = ["queued", "draft"] as const;
export const usualQueue = "default";
const ownCommand = '{\n  "command": ""\n}';

/** The form for a copy, for what was typed last time and not sent, or for a new one. */
export function newForm(
  draft: NewExperimentDraft,
  unsent: UnsentExperiment | null,
  templates: TemplatesState,
): ExperimentForm {
  const isPlain = draft.title === "" && draft.template === undefined;
  if (!isPlain) return formOfCopy(draft);
  return settled(unsent === null ? blank : restored(unsent), templates);
}

const blank: ExperimentForm = {
  field: "template",
  template: undefined,
  title: textField(""),
  compute: "CPU",
  priority: "normal",
  estimate: textField(""),
  queue: usualQueue,
  start: "queued",
  config: textArea("{}"),
  edited: [],
  projectId: null,
  checked: false,
  sendWhenLoaded: false,
  sending: false,
  failure: null,
};

function formOfCopy(draft: NewExperimentDraft): ExperimentForm {
  return {
    ...blank,
    field: "title",
    template: draft.template ?? null,
    title: textField(draft.title),
    compute: draft.computeMode ?? "CPU",
    priority: draft.priority ?? "normal",
    estimate: textField(draft.estimatedSeconds === undefined ? "" : String(draft.estimatedSeconds)),
    queue: draft.queue ?? usualQueue,
    config: textArea(JSON.stringify(draft.config ?? {}, null, 2)),
    edited: ["title", "compute", "priority", "estimate", "config"],
    projectId: draft.projectId ?? null,
  };
}

function restored(unsent: UnsentExperiment): ExperimentForm {
  return {
    ...blank,
    template: unsent.template,
    title: textField(unsent.title),
    compute: ComputeMode.catch("CPU").parse(unsent.computeMode),
    priority: Priority.catch("normal").parse(unsent.priority),
    estimate: textField(unsent.estimate),
    queue: unsent.queue ?? usualQueue,
    start: unsent.start === "draft" ? "draft" : "queued",
    config: textArea(unsent.config),
    edited: unsent.edited,
    projectId: unsent.projectId,
  };
}

/** What to keep when the form is closed; null when nothing of it was typed. */
export function unsentOf(form: ExperimentForm): UnsentExperiment | null {
  if (form.edited.length === 0 || form.template === undefined) return null;
  return {
    template: form.template,
    title: form.title.text,
    computeMode: form.compute,
    priority: form.priority,
    config: form.config.text,
    estimate: form.estimate.text,
    queue: form.queue,
    start: form.start,
    edited: form.edited,
    projectId: form.projectId,
  };
}

/** With the first template chosen, once it is known which there are. */
export function settled(form: ExperimentForm, templates: TemplatesState): ExperimentForm {
  if (form.template !== undefined || (!templates.loaded && templates.failure === null)) return form;
  const chosen = withTemplate(form, templates.rows[0]?.name ?? null, templates.rows);
  return form.sendWhenLoaded ? sent(chosen) : chosen;
}

/** Being sent; or, where something is wrong, at the first field that is. */
export function sent(form: ExperimentForm, configHeight = 1): ExperimentForm {
  if (form.template === undefined) return { ...form, sendWhenLoaded: true };
  const problems = problemsOf(form);
  const field = formFields.find((name) => problems[name] !== undefined);
  const tried: ExperimentForm = { ...form, checked: true, sendWhenLoaded: false, failure: null };
  if (field === undefined) return { ...tried, sending: true };
  const offset = field === "config" ? problems.config?.offset : undefined;
  return { ...tried, field, config: offset === undefined ? form.config : atOffset(form.config, offset, configHeight) };
}

/** Chooses a template; fields that were not edited take what it brings. */
export function withTemplate(
  form: ExperimentForm,
  name: string | null,
  templates: readonly OfferedTemplate[],
): ExperimentForm {
  const template = templates.find((one) => one.name === name);
  const keep = (field: FormField) => form.edited.includes(field);
  const config = template === undefined ? ownCommand : JSON.stringify(startingConfig(template), null, 2);
  const seconds = template?.estimatedSeconds ?? null;
  return {
    ...form,
    template: name,
    title: keep("title") ? form.title : textField(template?.title ?? ""),
    compute: keep("compute") ? form.compute : ComputeMode.catch("CPU").parse(template?.computeMode),
    estimate: keep("estimate") ? form.estimate : textField(seconds === null ? "" : String(seconds)),
    config: keep("config") ? form.config : textArea(config),
    failure: null,
  };
}

/** Names to choose from; a copy's template stays in the list even if this lab has it no more. */
export function templateNames(form: ExperimentForm, templates: readonly OfferedTemplate[]): readonly string[] {
  const names = templates.map((template) => template.name);
  const own = typeof form.template === "string" && !names.includes(form.template) ? [form.template] : [];
  return [...own, ...names, noTemplate];
}

/** Queues to choose from; a copy's own stays in the list even if this lab has it no more. */
export function queueNames({ queue }: ExperimentForm, queues: readonly { readonly name: string }[]): readonly string[] {
  const names = queues.length === 0 ? [usualQueue] : queues.map(({ name }) => name);
  return names.includes(queue) ? names : [queue, ...names];
}

export const choices = { compute: computeModes, priority: priorities } as const;

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90`, `10 min`, `2h`; undefined when empty, null when it can't be read. */
export function parseEstimate(text: string): number | undefined | null {
  if (text.trim() === "") return undefined;
  const [, count, unit = "s"] = /^\s*(\d+(?:\.\d+)?)\s*(?:([smhd])[a-z]*)?\s*$/i.exec(text) ?? [];
  const seconds = count === undefined ? 0 : Number(count) * (unitSeconds[unit.toLowerCase()] ?? 1);
  return seconds > 0 && Number.isFinite(seconds) ? seconds : null;
}

/** Everything that keeps the form from being sent. */
export function problemsOf(form: ExperimentForm): FormProblems {
  const title = NewExperiment.shape.title.safeParse(form.title.text);
  const config = configProblem(form);
  return {
    ...(title.success ? {} : { title: { message: titleProblem(form.title.text) } }),
    ...(parseEstimate(form.estimate.text) === null
      ? { estimate: { message: "a number of seconds, or 10m, 2h; empty if unknown" } }
      : {}),
    ...(config === null ? {} : { config }),
  };
}

const titleProblem = (title: string) => (title.trim() === "" ? "a title is needed" : "at most 300 characters");

function configProblem({ template, config }: ExperimentForm): FormProblem | null {
  const { value, problem } = parseConfig(config.text);
  if (problem !== null) {
    const { line, column } = placeOf(config.text, problem.offset);
    return { message: `${line}:${column} ${problem.message}`, offset: problem.offset };
  }
  const runs = typeof value["script"] === "string" || typeof value["command"] === "string";
  if (template !== null || runs) return null;
  return { message: 'without a template it needs a "command" or a "script"', offset: 0 };
}

/** What is sent; null while there are problems. */
export function draftOfForm(form: ExperimentForm): NewExperimentDraft | null {
  const config = parseConfig(form.config.text).value;
  const estimatedSeconds = parseEstimate(form.estimate.text);
  if (config === null || form.template === undefined || Object.keys(problemsOf(form)).length > 0) return null;
  return {
    title: form.title.text.trim(),
    computeMode: form.compute,
    priority: form.priority,
    config,
    ...(form.queue === usualQueue ? {} : { queue: form.queue }),
    ...(form.start === "draft" ? { draft: true } : {}),
    ...(form.template === null ? {} : { template: form.template }),
    ...(estimatedSeconds === undefined || estimatedSeconds === null ? {} : { estimatedSeconds }),
    ...(form.projectId === null ? {} : { projectId: form.projectId }),
  };
}
