import type { OfferedTemplate, TemplateParameter } from "../../../contract/template.js";

/** What a form of the template starts with: the defaults of its parameters, and what it says itself. */
export function startingConfig({ parameters = [], config }: OfferedTemplate): Readonly<Record<string, unknown>> {
  const named = parameters.filter((parameter) => hasDefault(parameter) || parameter.required);
  return { ...Object.fromEntries(named.map((parameter) => [parameter.name, parameter.default ?? null])), ...config };
}

const hasDefault = ({ default: value }: TemplateParameter) => value !== null && value !== undefined;

/** The parameter that a line of the config gives a value to. */
export function parameterOn(line: string, parameters: readonly TemplateParameter[]): TemplateParameter | undefined {
  const name = /^\s*"([^"]*)"\s*:/.exec(line)?.[1];
  return parameters.find((parameter) => parameter.name === name);
}

/** `steps: integer, 1 to 1000, required · how many to take`. */
export function parameterWords({ name, type, min, max, options, required, description }: TemplateParameter): string {
  const bounds =
    min !== null && max !== null
      ? [`${min} to ${max}`]
      : min !== null
        ? [`from ${min}`]
        : max !== null
          ? [`up to ${max}`]
          : [];
  const words = [
    type,
    ...bounds,
    ...(options === null ? [] : [options.join(" | ")]),
    ...(required ? ["required"] : []),
  ];
  return `${name}: ${words.join(", ")}${description === "" ? "" : ` · ${description}`}`;
}
