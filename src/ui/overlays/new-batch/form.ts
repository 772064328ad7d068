import { type ParsedGrid, parseGrid } from "../../../app/batch-grid.js";
import { draftOf } from "../../../app/draft.js";
import type { NewBatchDraft } from "../../../app/slices/view.js";
import { ComputeMode, type Experiment } from "../../../contract/experiment.js";
import type { Template } from "../../../contract/lab.js";
import type { Queue } from "../../../contract/queue.js";
import type { Failure } from "../../../core/failure.js";
import { neighbour } from "../../widgets/choice.js";
import { editTextField, type TextFieldState, textEditOf, textField } from "../../widgets/line-editor.js";
import type { TypedKey } from "../../widgets/use-keys.js";

export const batchFields = ["like", "title", "grid", "queue", "start", "send"] as const;
export type BatchField = (typeof batchFields)[number];

export const starts = ["queued", "draft"] as const;

/** What a batch can be made like: the experiment under the cursor, and the lab's templates. */
export interface BatchSources {
  readonly experiment: Experiment | undefined;
  readonly templates: readonly Template[];
  readonly queues: readonly Queue[];
}

export interface BatchForm {
  readonly field: BatchField;
  /** Display id of the experiment, or a template's name; null: the first there is. */
  readonly like: string | null;
  /** null: that of what it is like. */
  readonly title: TextFieldState | null;
  readonly grid: TextFieldState;
  readonly queue: string;
  readonly start: (typeof starts)[number];
  readonly sending: boolean;
  readonly failure: Failure | null;
  /** Sending was tried. */
  readonly checked: boolean;
}

export const newBatchForm = (experiment: Experiment | undefined): BatchForm => ({
  field: "grid",
  like: null,
  title: null,
  grid: textField(""),
  queue: experiment?.queue ?? "default",
  start: "queued",
  sending: false,
  failure: null,
  checked: false,
});

export const likeNames = ({ experiment, templates }: BatchSources): readonly string[] => [
  ...(experiment === undefined ? [] : [experiment.experimentId]),
  ...templates.map(({ name }) => name),
];

export const queueNames = ({ queues }: BatchSources): readonly string[] =>
  queues.length === 0 ? ["default"] : queues.map(({ name }) => name);

/** What it is like at present. */
export const likeOf = ({ like }: BatchForm, sources: BatchSources): string | null =>
  like ?? likeNames(sources)[0] ?? null;

export interface BatchSheet {
  /** null: there is nothing it could be like. */
  readonly draft: Omit<NewBatchDraft, "grid"> | null;
  readonly parsed: ParsedGrid;
  /** What keeps it from being made, in words. */
  readonly problem: string | null;
}

/** Exactly what will be asked of the lab. */
export function batchSheet(form: BatchForm, sources: BatchSources): BatchSheet {
  const parsed = parseGrid(form.grid.text);
  const base = baseOf(form, sources);
  if (base === null) return { draft: null, parsed, problem: "there is neither an experiment nor a template" };
  const title = (form.title?.text ?? base.title).trim();
  const draft = { ...base, title, queue: form.queue, ...(form.start === "draft" ? { draft: true } : {}) };
  return { draft, parsed, problem: title === "" ? "a title is needed" : parsed.problem };
}

function baseOf(form: BatchForm, sources: BatchSources): Omit<NewBatchDraft, "grid"> | null {
  const like = likeOf(form, sources);
  const { experiment, templates } = sources;
  if (experiment !== undefined && like === experiment.experimentId) return draftOf(experiment);
  const template = templates.find(({ name }) => name === like);
  if (template === undefined) return null;
  const { title, name, computeMode, estimatedSeconds } = template;
  return {
    title,
    template: name,
    config: {},
    computeMode: ComputeMode.catch("CPU").parse(computeMode),
    ...(estimatedSeconds === null ? {} : { estimatedSeconds }),
  };
}

/** Pure: the form after a key other than Esc. While it is being sent nothing changes. */
export function batchPressed(form: BatchForm, key: TypedKey, sources: BatchSources): BatchForm {
  const { name } = key;
  if (form.sending) return form;
  if (name === "ctrl-s" || (name === "enter" && form.field === "send")) return sent(form, sources);
  if (name === "tab" || name === "down" || name === "enter") return { ...form, field: after(form.field, 1) };
  if (name === "shift-tab" || name === "up") return { ...form, field: after(form.field, -1) };
  return edited(form, key, sources);
}

/** Pasted text goes into the text that has the focus, never to keys. */
export const batchPasted = (form: BatchForm, text: string, sources: BatchSources): BatchForm =>
  form.sending ? form : edited(form, { name: "", text }, sources);

/** Being sent; or, where something is wrong, at the field that is. */
function sent(form: BatchForm, sources: BatchSources): BatchForm {
  const { problem, parsed } = batchSheet(form, sources);
  if (problem === null) return { ...form, sending: true, failure: null, checked: true };
  return { ...form, field: parsed.problem === null ? "title" : "grid", checked: true };
}

const after = (field: BatchField, step: 1 | -1): BatchField =>
  batchFields[(batchFields.indexOf(field) + step + batchFields.length) % batchFields.length] ?? field;

function edited(form: BatchForm, { name, text }: TypedKey, sources: BatchSources): BatchForm {
  const { field } = form;
  if (field === "grid" || field === "title") {
    const edit = textEditOf(name, text);
    if (edit === null) return form;
    const before = field === "grid" ? form.grid : (form.title ?? titleField(form, sources));
    return { ...form, [field]: editTextField(before, edit), failure: null };
  }
  const step = name === "left" ? -1 : name === "right" || name === "space" ? 1 : 0;
  return step === 0 || field === "send" ? form : { ...form, ...chosen(form, field, step, sources), failure: null };
}

function chosen(
  form: BatchForm,
  field: "like" | "queue" | "start",
  step: -1 | 1,
  sources: BatchSources,
): Partial<BatchForm> {
  switch (field) {
    case "like":
      return { like: neighbour(likeNames(sources), likeOf(form, sources) ?? "", step) };
    case "queue":
      return { queue: neighbour(queueNames(sources), form.queue, step) };
    case "start":
      return { start: neighbour(starts, form.start, step) };
  }
}

/** The title as it stands in its field. */
export const titleField = (form: BatchForm, sources: BatchSources): TextFieldState =>
  form.title ?? textField(baseOf(form, sources)?.title ?? "");
