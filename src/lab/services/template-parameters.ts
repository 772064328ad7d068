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
  const { isBounded, hasOptions } = types[type];
  if (min !== null && max !== null && min > max) return `min: must not be above max (${max})`;
  if (type === "enum" && options === null) return "options: an enum needs them";
  if (options !== null && !hasOptions) return `options: a ${type} has none`;
  if (!isBounded && (min ?? max) !== null) return `min: a ${type} has no bounds`;
  return flawOfDefault(parameter);
}

function flawOfDefault(parameter: TemplateParameter): string | null {
  const complaint = hasDefault(parameter) ? complaintOf(parameter, parameter.default) : null;
  return complaint === null ? null : `default: ${complaint}`;
}

const hasDefault = (parameter: TemplateParameter): boolean =>
  parameter.default !== null && parameter.default !== undefined;

interface TypeRules {
  readonly isBounded: boolean;
  readonly hasOptions: boolean;
  fits(value: unknown, parameter: TemplateParameter): boolean;
  /** Behind `must be`; `range` is empty where there is none. */
  wanted(range: string, named: string): string;
}

const isWithin = ({ min, max }: TemplateParameter, size: number) =>
  size >= (min ?? -Infinity) && size <= (max ?? Infinity);
const isOption = ({ options }: TemplateParameter, value: unknown) =>
  options?.includes(value as string | number) ?? false;
const behind = (range: string) => (range === "" ? "" : `, ${range}`);

const types: Readonly<Record<TemplateParameter["type"], TypeRules>> = {
  number: {
    isBounded: true,
    hasOptions: false,
    fits: (value, parameter) => typeof value === "number" && Number.isFinite(value) && isWithin(parameter, value),
    wanted: (range) => `a number${behind(range)}`,
  },
  integer: {
    isBounded: true,
    hasOptions: false,
    fits: (value, parameter) => Number.isSafeInteger(value) && isWithin(parameter, value as number),
    wanted: (range) => `a whole number${behind(range)}`,
  },
  string: {
    isBounded: true,
    hasOptions: false,
    fits: (value, parameter) => isText(value) && isWithin(parameter, value.length),
    wanted: (range) => `a text${range === "" ? "" : ` of ${range} characters`}`,
  },
  boolean: {
    isBounded: false,
    hasOptions: false,
    fits: (value) => typeof value === "boolean",
    wanted: () => "true or false",
  },
  enum: {
    isBounded: false,
    hasOptions: true,
    fits: (value, parameter) => isOption(parameter, value),
    wanted: (_, named) => `one of ${named}`,
  },
  list: {
    isBounded: true,
    hasOptions: true,
    fits: (value, parameter) =>
      Array.isArray(value) && isWithin(parameter, value.length) && value.every((item) => isItem(parameter, item)),
    wanted: (range, named) =>
      `a list of ${named === "" ? "texts or numbers" : named}${range === "" ? "" : `, ${range} of them`}`,
  },
};

/** No command line and no environment can carry a NUL. */
const isText = (value: unknown): value is string => typeof value === "string" && !value.includes("\0");

function isItem(parameter: TemplateParameter, item: unknown): boolean {
  if (parameter.options !== null) return isOption(parameter, item);
  return isText(item) || (typeof item === "number" && Number.isFinite(item));
}

const fits = (parameter: TemplateParameter, value: unknown): boolean => types[parameter.type].fits(value, parameter);

/** `must be a whole number, 1..64`. */
const wanted = ({ type, min, max, options }: TemplateParameter): string =>
  `must be ${types[type].wanted(rangeOf(min, max), options?.map(String).join(", ") ?? "")}`;

function rangeOf(min: number | null, max: number | null): string {
  if (min !== null && max !== null) return `${min}..${max}`;
  if (min !== null) return `at least ${min}`;
  return max === null ? "" : `at most ${max}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
