import { countsOf, regionsOf } from "../../../app/gpu-options.js";
import type { StockRow } from "../../../contract/pod.js";
import { neighbour } from "../../widgets/choice.js";
import { editTextField, type TextEdit, textEditOf } from "../../widgets/line-editor.js";
import { movedSelection } from "../../widgets/list.js";
import type { TypedKey } from "../../widgets/use-keys.js";
import { chosenOption, type PodField, type PodForm, sentPod, settledPod, shownOptions } from "./form.js";

export interface PodKeyContext {
  readonly stock: readonly StockRow[];
  /** Rows of the list of GPUs that are seen. */
  readonly listHeight: number;
}

export const anywhere = "anywhere";
export const thenChoices = ["terminate", "stop"] as const;

/** Pure: the form after a key other than Esc. While it is being sent nothing changes. */
export function podPressed(form: PodForm, key: TypedKey, context: PodKeyContext): PodForm {
  if (form.sending) return form;
  // To the end, where the money stands; only Enter there rents anything.
  if (key.name === "ctrl-s") return { ...form, field: "send" };
  const inList = form.field === "gpu" ? movedInList(form, key.name, context) : null;
  if (inList !== null) return settledPod(inList, context.stock);
  const field = movedFocus(form, key.name);
  if (field !== null) return { ...form, field };
  if (key.name === "enter") {
    return form.field === "send" ? sentPod(form, context.stock) : { ...form, field: after(form, 1) };
  }
  return settledPod(edited(form, key, context), context.stock);
}

/** Pasted text goes into the text that has the focus, never to keys. */
export function podPasted(form: PodForm, text: string, context: PodKeyContext): PodForm {
  return form.sending ? form : settledPod(edited(form, { name: "", text }, context), context.stock);
}

/** Another GPU of the list; null where the list ends, so that down goes on to the next field. */
function movedInList(form: PodForm, name: string, { stock, listHeight }: PodKeyContext): PodForm | null {
  const options = shownOptions(form, stock);
  const at = Math.max(
    0,
    options.findIndex(({ id }) => id === chosenOption(form, stock)?.id),
  );
  const to = movedSelection(name, at, { count: options.length, height: listHeight });
  const option = to === undefined || to === at ? undefined : options[to];
  return option === undefined ? null : { ...form, choice: option.id, failure: null };
}

function movedFocus(form: PodForm, name: string): PodField | null {
  if (name === "tab") return after(form, 1);
  if (name === "shift-tab") return after(form, -1);
  if (name === "down" && form.field !== "send") return after(form, 1);
  return name === "up" && form.field !== "gpu" ? after(form, -1) : null;
}

/** The next field, round and round. */
function after({ fields, field }: PodForm, step: 1 | -1): PodField {
  return fields[(fields.indexOf(field) + step + fields.length) % fields.length] ?? field;
}

function edited(form: PodForm, key: TypedKey, { stock }: PodKeyContext): PodForm {
  const { field } = form;
  switch (field) {
    case "send":
      return form;
    case "gpu":
      return filtered(form, textEditOf(key.name, key.text));
    case "count":
    case "region":
    case "then":
      return chosen(form, field, { step: stepOf(key.name), stock });
    default: {
      const edit = textEditOf(key.name, key.text);
      if (edit === null) return form;
      return { ...form, texts: { ...form.texts, [field]: editTextField(form.texts[field], edit) }, failure: null };
    }
  }
}

function filtered(form: PodForm, edit: TextEdit | null): PodForm {
  if (edit === null) return form;
  const filter = editTextField(form.filter, edit);
  return filter.text === form.filter.text ? { ...form, filter } : { ...form, filter, choice: null, failure: null };
}

function stepOf(key: string): -1 | 0 | 1 {
  if (key === "left") return -1;
  return key === "right" || key === "space" ? 1 : 0;
}

function chosen(
  form: PodForm,
  field: "count" | "region" | "then",
  { step, stock }: { step: number; stock: readonly StockRow[] },
): PodForm {
  const option = chosenOption(form, stock);
  if (step === 0 || option === undefined) return form;
  if (field === "then") return { ...form, then: neighbour(thenChoices, form.then, step), failure: null };
  if (field === "count") {
    const counts = countsOf(option).map(String);
    return { ...form, count: Number(neighbour(counts, String(form.count), step)), failure: null };
  }
  const places = [anywhere, ...regionsOf(option).map(({ id }) => id)];
  const place = neighbour(places, form.region ?? anywhere, step);
  return { ...form, region: place === anywhere ? null : place, failure: null };
}
