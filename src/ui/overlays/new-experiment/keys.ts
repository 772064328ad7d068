import type { TemplatesState } from "../../../app/slices/templates.js";
import { type AreaEdit, areaEditOf, cursorPlace, editTextArea } from "../../widgets/area-editor.js";
import { neighbour } from "../../widgets/choice.js";
import { editTextField, type TextEdit, textEditOf } from "../../widgets/line-editor.js";
import type { TypedKey } from "../../widgets/use-keys.js";
import {
  choices,
  type ExperimentForm,
  type FormField,
  formFields,
  noTemplate,
  queueNames,
  sent,
  starts,
  templateNames,
  withTemplate,
} from "./form.js";

export interface KeyContext {
  readonly templates: TemplatesState;
  readonly queues: readonly { readonly name: string }[];
  /** Lines of the config that are seen. */
  readonly configHeight: number;
}

/** Pure: the form after a key other than Esc. While it is being sent nothing changes. */
export function pressed(form: ExperimentForm, key: TypedKey, context: KeyContext): ExperimentForm {
  if (form.sending) return form;
  if (key.name === "ctrl-s") return sent(form, context.configHeight);
  const moved = movedFocus(form, key);
  if (moved !== null) return { ...form, field: moved };
  if (key.name === "enter" && form.field !== "config") return entered(form, context);
  return edited(form, key, context);
}

/** Pasted text goes into the text that has the focus, never to keys. */
export function pasted(form: ExperimentForm, text: string, context: KeyContext): ExperimentForm {
  return form.sending ? form : edited(form, { name: "", text }, context);
}

/** Enter takes the template as it is and goes to the last field, whose Enter sends; elsewhere it goes on. */
function entered(form: ExperimentForm, { configHeight }: KeyContext): ExperimentForm {
  if (form.field === "send") return sent(form, configHeight);
  if (form.field === "template") return { ...form, field: form.template === null ? "title" : "send" };
  return { ...form, field: after(form.field, 1) };
}

/** Tab and, where they have no other use, up and down. */
function movedFocus(form: ExperimentForm, { name }: TypedKey): FormField | null {
  if (name === "tab") return after(form.field, 1);
  if (name === "shift-tab") return after(form.field, -1);
  if (name !== "up" && name !== "down") return null;
  const step = name === "up" ? -1 : 1;
  if (form.field === "config") {
    const { line } = cursorPlace(form.config);
    const last = form.config.text.split("\n").length - 1;
    if (line !== (step === -1 ? 0 : last)) return null;
  }
  const index = formFields.indexOf(form.field) + step;
  return formFields[Math.max(0, Math.min(index, formFields.length - 1))] ?? null;
}

/** The next field, round and round. */
function after(field: FormField, step: 1 | -1): FormField {
  return formFields[(formFields.indexOf(field) + step + formFields.length) % formFields.length] ?? field;
}

function edited(form: ExperimentForm, key: TypedKey, context: KeyContext): ExperimentForm {
  switch (form.field) {
    case "send":
      return form;
    case "config":
      return withConfig(form, areaEditOf(key.name) ?? textEditOf(key.name, key.text), context.configHeight);
    case "title":
    case "estimate":
      return withText(form, form.field, textEditOf(key.name, key.text));
    default:
      return withChoice(form, form.field, stepOf(key.name), context);
  }
}

function stepOf(key: string): -1 | 0 | 1 {
  if (key === "left") return -1;
  return key === "right" || key === "space" ? 1 : 0;
}

function withChoice(
  form: ExperimentForm,
  field: "template" | ChoiceField,
  step: -1 | 0 | 1,
  { templates, queues }: KeyContext,
): ExperimentForm {
  if (step === 0 || form.template === undefined) return form;
  if (field === "template") {
    const name = neighbour(templateNames(form, templates.rows), form.template ?? noTemplate, step);
    return withTemplate(form, name === noTemplate ? null : name, templates.rows);
  }
  return {
    ...form,
    ...chosen(form, field, step, queues),
    edited: withField(form.edited, field),
    failure: null,
  };
}

type ChoiceField = "compute" | "priority" | "queue" | "start";

function chosen(
  form: ExperimentForm,
  field: ChoiceField,
  step: -1 | 1,
  queues: KeyContext["queues"],
): Partial<ExperimentForm> {
  switch (field) {
    case "compute":
      return { compute: neighbour(choices.compute, form.compute, step) };
    case "priority":
      return { priority: neighbour(choices.priority, form.priority, step) };
    case "queue":
      return { queue: neighbour(queueNames(form, queues), form.queue, step) };
    case "start":
      return { start: neighbour(starts, form.start, step) };
  }
}

function withText(form: ExperimentForm, field: "title" | "estimate", edit: TextEdit | null): ExperimentForm {
  if (edit === null) return form;
  const next = editTextField(form[field], edit);
  if (next.text === form[field].text) return { ...form, [field]: next };
  return { ...form, [field]: next, edited: withField(form.edited, field), failure: null };
}

function withConfig(form: ExperimentForm, edit: AreaEdit | null, height: number): ExperimentForm {
  if (edit === null) return form;
  const config = editTextArea(form.config, edit, height);
  if (config.text === form.config.text) return { ...form, config };
  return { ...form, config, edited: withField(form.edited, "config"), failure: null };
}

const withField = (fields: readonly string[], field: FormField) =>
  fields.includes(field) ? fields : [...fields, field];
