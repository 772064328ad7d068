import type { PodPatch } from "../../../contract/pod.js";
import type { LabSettings, LabSettingsPatch } from "../../../contract/settings.js";
import type { Failure } from "../../../core/failure.js";
import { neighbour } from "../../widgets/choice.js";
import { editTextField, type TextFieldState, textEditOf, textField } from "../../widgets/line-editor.js";
import type { TypedKey } from "../../widgets/use-keys.js";

export const policyFields = [
  "pod",
  "idleAlertMinutes",
  "autoStopIdleHours",
  "autoStopForeignPods",
  "autoScheduleEnabled",
  "budgetMonthlyUsd",
  "budgetWarnPercent",
  "budgetHardLimitUsd",
  "save",
] as const;
export type PolicyField = (typeof policyFields)[number];
export type SwitchField = "autoStopForeignPods" | "autoScheduleEnabled";
export type NumberField = Exclude<PolicyField, SwitchField | "pod" | "save">;

export const podRules = ["unchanged", "lab's rule", "always", "never"] as const;
export type PodRule = (typeof podRules)[number];
export const onOff = ["off", "on"] as const;

export interface PolicyForm {
  readonly field: PolicyField;
  readonly podRule: PodRule;
  /** What was typed instead of what the lab has. */
  readonly texts: Readonly<Partial<Record<NumberField, TextFieldState>>>;
  readonly switches: Readonly<Partial<Record<SwitchField, boolean>>>;
  readonly saving: boolean;
  readonly failure: Failure | null;
}

export const newPolicyForm = (hasPod: boolean): PolicyForm => ({
  field: hasPod ? "pod" : "idleAlertMinutes",
  podRule: "unchanged",
  texts: {},
  switches: {},
  saving: false,
  failure: null,
});

/** What a field holds: what was typed, else what the lab has. */
export function textOf(form: PolicyForm, field: NumberField, settings: LabSettings): TextFieldState {
  const value = settings[field];
  return form.texts[field] ?? textField(value === null ? "" : String(value));
}

export const switchOf = (form: PolicyForm, field: SwitchField, settings: LabSettings): boolean =>
  form.switches[field] ?? settings[field];

interface Rule {
  /** What an empty field means; absent: it needs a number. */
  readonly empty?: string;
  readonly isValid: (value: number) => boolean;
  readonly problem: string;
}

const usdRule = { isValid: (value: number) => value > 0, problem: "USD above 0, or empty" };
export const numberRules: Readonly<Record<NumberField, Rule>> = {
  idleAlertMinutes: { isValid: (value) => Number.isInteger(value) && value > 0, problem: "whole minutes above 0" },
  autoStopIdleHours: { empty: "never", isValid: (value) => value > 0, problem: "hours above 0, or empty for never" },
  budgetMonthlyUsd: { empty: "no budget", ...usdRule },
  budgetWarnPercent: { isValid: (value) => value > 0 && value <= 100, problem: "a percentage up to 100" },
  budgetHardLimitUsd: { empty: "no limit", ...usdRule },
};

/** The number typed; null for an empty field that may be; undefined when it can't be taken. */
export function numberOf(text: string, field: NumberField): number | null | undefined {
  const rule = numberRules[field];
  if (text.trim() === "") return rule.empty === undefined ? undefined : null;
  const value = Number(text.trim().replace(/^\$/, "").replaceAll(",", ""));
  return Number.isFinite(value) && rule.isValid(value) ? value : undefined;
}

const numberFields = Object.keys(numberRules) as readonly NumberField[];

export const policyProblems = (form: PolicyForm): readonly NumberField[] =>
  numberFields.filter((field) => {
    const typed = form.texts[field];
    return typed !== undefined && numberOf(typed.text, field) === undefined;
  });

/** Only what is different from what the lab has; null when nothing is. */
export function settingsChanges(form: PolicyForm, settings: LabSettings): LabSettingsPatch | null {
  const numbers = numberFields.flatMap((field) => {
    const typed = form.texts[field];
    const value = typed === undefined ? settings[field] : numberOf(typed.text, field);
    return value === undefined || value === settings[field] ? [] : [[field, value] as const];
  });
  const switches = Object.entries(form.switches).filter(([field, isOn]) => isOn !== settings[field as SwitchField]);
  const changes = [...numbers, ...switches];
  return changes.length === 0 ? null : (Object.fromEntries(changes) as LabSettingsPatch);
}

const patchOfRule: Readonly<Record<PodRule, PodPatch | null>> = {
  unchanged: null,
  "lab's rule": { autoStop: null, postponeAutoStopUntil: null },
  always: { autoStop: true },
  never: { autoStop: false },
};
export const podChanges = ({ podRule }: PolicyForm): PodPatch | null => patchOfRule[podRule];

/** Pure: the form after a key other than Esc and the Enter that saves. */
export function policyPressed(
  form: PolicyForm,
  key: TypedKey,
  context: { settings: LabSettings; hasPod: boolean },
): PolicyForm {
  if (form.saving) return form;
  const fields: readonly PolicyField[] = context.hasPod
    ? policyFields
    : policyFields.filter((field) => field !== "pod");
  const step = stepOfFocus(form.field, key.name);
  if (step !== 0) {
    const index = (fields.indexOf(form.field) + step + fields.length) % fields.length;
    return { ...form, field: fields[index] ?? form.field };
  }
  return edited(form, key, context.settings);
}

function stepOfFocus(field: PolicyField, name: string): -1 | 0 | 1 {
  if (name === "tab" || name === "down" || (name === "enter" && field !== "save")) return 1;
  return name === "shift-tab" || name === "up" ? -1 : 0;
}

function edited(form: PolicyForm, key: TypedKey, settings: LabSettings): PolicyForm {
  const { field } = form;
  const step = key.name === "left" ? -1 : key.name === "right" || key.name === "space" ? 1 : 0;
  switch (field) {
    case "save":
      return form;
    case "pod":
      return { ...form, podRule: neighbour(podRules, form.podRule, step), failure: null };
    case "autoStopForeignPods":
    case "autoScheduleEnabled": {
      const isOn = neighbour(onOff, switchOf(form, field, settings) ? "on" : "off", step) === "on";
      return { ...form, switches: { ...form.switches, [field]: isOn }, failure: null };
    }
    default: {
      const edit = textEditOf(key.name, key.text);
      if (edit === null) return form;
      const text = editTextField(textOf(form, field, settings), edit);
      return { ...form, texts: { ...form.texts, [field]: text }, failure: null };
    }
  }
}
