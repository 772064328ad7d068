import { z } from "zod";
import type { TemplateParameter } from "../../contract/template.js";

/** What of a field's JSON Schema a parameter can say. */
const Field = z.looseObject({
  type: z.enum(["number", "integer", "string", "boolean"]),
  description: z.string().default(""),
  default: z.unknown().default(null),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
});

/**
 * The parameters of a program from the schema that it checks its config with, so that the two can't differ. What no parameter can be
 * (an object) is left out. A number that must be above a bound
 * is shown as if it could be on it; the program itself refuses that.
 */
export function parametersOf(config: z.ZodType): readonly TemplateParameter[] {
  const { properties = {} } = z.toJSONSchema(config, { io: "input" });
  return Object.entries(properties).flatMap(([name, schema]) => {
    const field = Field.safeParse(schema);
    return field.success ? [parameterOf(name, field.data)] : [];
  });
}

/** zod bounds whole numbers by what a double can hold; that is no bound to show. */
const bound = (...values: readonly (number | undefined)[]): number | null =>
  values.find((value) => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER) ?? null;

/** Of whole numbers, the bound that is just inside. */
const inside = ({ type }: { type: string }, outside: number | undefined, step: number) =>
  outside === undefined || type !== "integer" ? outside : outside + step;

function parameterOf(name: string, field: z.infer<typeof Field>): TemplateParameter {
  return {
    name,
    type: field.type,
    description: field.description,
    default: field.default,
    min: bound(field.minimum, inside(field, field.exclusiveMinimum, 1), field.minLength),
    max: bound(field.maximum, inside(field, field.exclusiveMaximum, -1), field.maxLength),
    options: null,
    required: false,
  };
}
