import {
  countsOf,
  type GpuOption,
  gpuOptions,
  matchingOptions,
  priceRange,
  regionsOf,
} from "../../../app/gpu-options.js";
import type { NewPodDraft } from "../../../app/slices/view.js";
import type { StockRow } from "../../../contract/pod.js";
import type { Failure } from "../../../core/failure.js";
import type { UnsentPod } from "../../memory.js";
import { type TextFieldState, textField } from "../../widgets/line-editor.js";
import { parseEnv } from "./env.js";

const podFields = [
  "gpu",
  "count",
  "region",
  "hours",
  "then",
  "volume",
  "disk",
  "image",
  "name",
  "env",
  "send",
] as const;
export type PodField = (typeof podFields)[number];
export type TextName = "hours" | "volume" | "disk" | "image" | "name" | "env";

export interface PodForm {
  /** Without anybody who watches the hours they are not asked for. */
  readonly fields: readonly PodField[];
  readonly field: PodField;
  /** What was typed to find a GPU. */
  readonly filter: TextFieldState;
  /** Id of the chosen option; null: the first one. */
  readonly choice: string | null;
  readonly count: number;
  /** Id of a place; null: anywhere. */
  readonly region: string | null;
  readonly then: "terminate" | "stop";
  readonly texts: Readonly<Record<TextName, TextFieldState>>;
  /** Sending was tried: every problem is shown. */
  readonly checked: boolean;
  readonly sending: boolean;
  readonly failure: Failure | null;
}

export type PodProblems = Readonly<Partial<Record<PodField, string>>>;

const presets: Readonly<Record<TextName, string>> = {
  hours: "",
  volume: "50",
  disk: "50",
  image: "",
  name: "",
  env: "",
};

/** A form in which nothing was typed yet, as it is kept. */
const plain: UnsentPod = {
  filter: "",
  choice: null,
  count: 1,
  region: null,
  then: "terminate",
  texts: presets,
};

/** The form as it was left, or a new one. */
export function newPodForm(
  draft: Partial<NewPodDraft>,
  unsent: UnsentPod | null,
  { hasHours }: { readonly hasHours: boolean },
): PodForm {
  const { filter, choice, count, region, then, texts } = unsent ?? plain;
  const field = (name: TextName) => textField(texts[name] ?? presets[name]);
  return {
    fields: hasHours ? podFields : podFields.filter((name) => name !== "hours" && name !== "then"),
    field: "gpu",
    filter: textField(draft.gpuType ?? filter),
    choice,
    count: draft.gpuCount ?? count,
    region,
    then,
    texts: {
      hours: hasHours ? field("hours") : textField(""),
      volume: field("volume"),
      disk: field("disk"),
      image: field("image"),
      name: field("name"),
      env: field("env"),
    },
    checked: false,
    sending: false,
    failure: null,
  };
}

/** What to keep when the form is closed; null when it is as it was opened. */
export function unsentPodOf({ filter, choice, count, region, then, texts }: PodForm): UnsentPod | null {
  const words = Object.fromEntries(Object.entries(texts).map(([name, { text }]) => [name, text]));
  const kept: UnsentPod = { filter: filter.text, choice, count, region, then, texts: words };
  return JSON.stringify(kept) === JSON.stringify(plain) ? null : kept;
}

/** Options that match what was typed. */
export function shownOptions(form: PodForm, stock: readonly StockRow[]): readonly GpuOption[] {
  return matchingOptions(gpuOptions(stock), form.filter.text);
}

/** The chosen GPU; undefined while there is none to choose. */
export function chosenOption(form: PodForm, stock: readonly StockRow[]): GpuOption | undefined {
  const options = shownOptions(form, stock);
  return options.find(({ id }) => id === form.choice) ?? options[0];
}

/** A number of hours; undefined when empty, null when it can't be read. */
export function parseHours(text: string): number | undefined | null {
  if (text.trim() === "") return undefined;
  const [, digits, unit = "h"] = /^\s*(\d+(?:\.\d+)?)\s*(h|d)?[a-z]*\s*$/i.exec(text) ?? [];
  const hours = Number(digits) * (unit.toLowerCase() === "d" ? 24 : 1);
  return Number.isFinite(hours) && hours > 0 ? hours : null;
}

const wholeNumber = (text: string) => (/^\s*\d+\s*$/.test(text) ? Number(text) : null);
export const volumeGbOf = (form: PodForm) => wholeNumber(form.texts.volume.text);

const nameLimit = 60;

/** Everything that keeps the form from being sent. */
export function podProblems(form: PodForm, stock: readonly StockRow[]): PodProblems {
  const { texts } = form;
  const disk = wholeNumber(texts.disk.text);
  const env = parseEnv(texts.env.text);
  return {
    ...(chosenOption(form, stock) === undefined ? { gpu: "no GPU of that name can be rented" } : {}),
    ...(parseHours(texts.hours.text) === null ? { hours: "a number of hours, or 2d; empty for no limit" } : {}),
    ...(volumeGbOf(form) === null ? { volume: "whole GB, 0 for none" } : {}),
    ...(disk === null || disk === 0 ? { disk: "whole GB, at least 1" } : {}),
    ...(texts.name.text.trim().length > nameLimit ? { name: `at most ${nameLimit} characters` } : {}),
    ...(typeof env === "string" ? { env } : {}),
  };
}

/** Being sent; or, where something is wrong, at the first field that is. */
export function sentPod(form: PodForm, stock: readonly StockRow[]): PodForm {
  const problems = podProblems(form, stock);
  const field = podFields.find((name) => problems[name] !== undefined);
  const tried: PodForm = { ...form, checked: true, failure: null };
  return field === undefined ? { ...tried, sending: true } : { ...tried, field };
}

/** The form with what its GPU allows: a count and a place that it does not have go. */
export function settledPod(form: PodForm, stock: readonly StockRow[]): PodForm {
  const option = chosenOption(form, stock);
  if (option === undefined) return form;
  const counts = countsOf(option);
  const count = counts.includes(form.count) ? form.count : (counts[0] ?? 1);
  const region = regionsOf(option).some(({ id }) => id === form.region) ? form.region : null;
  return count === form.count && region === form.region ? form : { ...form, count, region };
}

/** What is sent; null while there are problems. */
export function draftOfPodForm(form: PodForm, stock: readonly StockRow[]): NewPodDraft | null {
  const option = chosenOption(form, stock);
  const env = parseEnv(form.texts.env.text);
  const problems = podProblems(form, stock);
  if (option === undefined || typeof env === "string" || Object.keys(problems).length > 0) return null;
  const hours = parseHours(form.texts.hours.text);
  const [image, name] = [form.texts.image.text.trim(), form.texts.name.text.trim()];
  const price = priceRange(option);
  return {
    provider: option.provider,
    gpuType: option.gpuType,
    gpuCount: form.count,
    cloud: option.cloud,
    regions: form.region === null ? [] : [form.region],
    volumeSize: Number(form.texts.volume.text),
    diskSize: Number(form.texts.disk.text),
    env,
    ...(hours === undefined || hours === null ? {} : { maxHours: hours, maxHoursAction: form.then }),
    ...(image === "" ? {} : { image }),
    ...(name === "" ? {} : { name }),
    // Prices move: never more than what was on the screen when Enter was pressed.
    ...(price === null ? {} : { maxCostPerHourUsd: Math.ceil(price.highUsd * form.count * 100) / 100 }),
  };
}
