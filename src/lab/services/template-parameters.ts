import type { TemplateParameter } from "../../contract/template.js";
import { LabError } from "../lab-error.js";

type Json = Readonly<Record<string, unknown>>;

const shownLength = 60;

/** Refuses the first value that is not what its parameter wants: `config.steps: must be 1..1000000 (was -3)`. */
export function checkParameters(
  config: Json,
  parameters: readonly TemplateParameter[],
  { where = "config.", isComplete = true }: { where?: string; isComplete?: boolean } = {},
): void {
  for (const parameter of parameters) {
    const { name, required } = parameter;
    const value = config[name];
    if (value === undefined || value === null) {
      if (!isComplete || !required || hasDefault(parameter)) continue;
      throw new LabError("validation_error", `${where}${name}: is required by the template, ${wanted(parameter)}`);
    }
    const complaint = complaintOf(parameter, value);
    if (complaint !== null) throw new LabError("validation_error", `${where}${name}: ${complaint}`);
  }
}

/** What is wrong with a value; null: nothing. */
export function complaintOf(parameter: TemplateParameter, value: unknown): string | null {
  if (fits(parameter, value)) return null;
  const isNumber = typeof value === "number" && fits({ ...parameter, min: null, max: null }, value);
  return `${isNumber ? `must be ${rangeOf(parameter.min, parameter.max)}` : wanted(parameter)} (was ${shown(value)})`;
}

/** The defaults of parameters that have one. */
export function defaultsOf(parameters: readonly TemplateParameter[]): Json {
  return Object.fromEntries(parameters.filter(hasDefault).map((parameter) => [parameter.name, parameter.default]));
}

/** Whether a parameter makes sense by itself; null: it does. */
export function flawOf(parameter: TemplateParameter): string | null {
  const { type, min, max, options } = parameter;
  if (min !== null && max !== null && min > max) return `min: must not be above max (${max})`;
  if (type === "enum" && options === null) return "options: an enum needs them";
  if (options !== null && type !== "enum" && type !== "list") return `options: a ${type} has none`;
  if ((min !== null || max !== null) && (type === "enum" || type === "boolean")) return `min: a ${type} has no bounds`;
  if (!hasDefault(parameter)) return null;
  const complaint = complaintOf(parameter, parameter.default);
  return complaint === null ? null : `default: ${complaint}`;
}

const hasDefault = (parameter: TemplateParameter): boolean =>
  parameter.default !== null && parameter.default !== undefined;

function fits({ type, min, max, options }: TemplateParameter, value: unknown): boolean {
  const isWithin = (size: number) => size >= (min ?? -Infinity) && size <= (max ?? Infinity);
  switch (type) {
    case "number":
      return typeof value === "number" && Number.isFinite(value) && isWithin(value);
    case "integer":
      return Number.isSafeInteger(value) && isWithin(value as number);
    case "string":
      return typeof value === "string" && !value.includes("\0") && isWithin(value.length);
    case "boolean":
      return typeof value === "boolean";
    case "enum":
      return options?.includes(value as string | number) ?? false;
    case "list":
      return Array.isArray(value) && isWithin(value.length) && value.every((item) => isItem(item, options));
  }
}

function isItem(item: unknown, options: TemplateParameter["options"]): boolean {
  if (typeof item === "string" ? item.includes("\0") : !(typeof item === "number" && Number.isFinite(item)))
    return false;
  return options?.includes(item as string | number) ?? true;
}

/** `must be a whole number, 1..64`. */
function wanted({ type, min, max, options }: TemplateParameter): string {
  const range = rangeOf(min, max);
  const named = options?.map(String).join(", ") ?? "";
  switch (type) {
    case "number":
      return `must be a number${range === "" ? "" : `, ${range}`}`;
    case "integer":
      return `must be a whole number${range === "" ? "" : `, ${range}`}`;
    case "string":
      return `must be a text${range === "" ? "" : ` of ${range} characters`}`;
    case "boolean":
      return "must be true or false";
    case "enum":
      return `must be one of ${named}`;
    case "list":
      return `must be a list of ${named === "" ? "texts or numbers" : named}${range === "" ? "" : `, ${range} of them`}`;
  }
}

function rangeOf(min: number | null, max: number | null): string {
  if (min !== null && max !== null) return `${min}..${max}`;
  if (min !== null) return `at least ${min}`;
  return max === null ? "" : `at most ${max}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
