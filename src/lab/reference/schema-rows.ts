import type { JsonSchema } from "./json-schema.js";

/** A line of a table of fields. */
export interface FieldRow {
  /** `checks[].name` */
  readonly path: string;
  /** `number > 0`, `one of a, b`, `Experiment`. */
  readonly type: string;
  /** Name of the schema that the type links to. */
  readonly link: string | null;
  readonly required: boolean;
  readonly byDefault: string | null;
  readonly description: string | null;
}

const maxDepth = 4;

/** The fields of an object, inner objects behind their field; what has a name of its own is linked, not repeated. */
export function fieldRows(schema: JsonSchema, path = "", depth = 0): FieldRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const required = schema.required?.includes(name) ?? false;
    const at = path === "" ? name : `${path}.${name}`;
    const row: FieldRow = {
      path: at,
      ...typeOf(field),
      required,
      byDefault: field.default === undefined ? null : JSON.stringify(field.default),
      description: field.description ?? null,
    };
    return [row, ...(depth < maxDepth ? innerRows(field, at, depth) : [])];
  });
}

function innerRows(field: JsonSchema, path: string, depth: number): FieldRow[] {
  const inner = bare(field);
  if (inner.properties !== undefined) return fieldRows(inner, path, depth + 1);
  const { items } = inner;
  return items?.properties === undefined ? [] : fieldRows(items, `${path}[]`, depth + 1);
}

/** The one alternative that is not null. */
function bare(schema: JsonSchema): JsonSchema {
  const others = schema.anyOf?.filter(({ type }) => type !== "null") ?? [];
  const [only] = others;
  return others.length === 1 && only !== undefined ? only : schema;
}

/** The type in words, and where it leads. */
export function typeOf(schema: JsonSchema): Pick<FieldRow, "type" | "link"> {
  const { $ref } = schema;
  if ($ref !== undefined) {
    const name = $ref.slice($ref.lastIndexOf("/") + 1);
    return { type: name, link: name };
  }
  if (schema.anyOf !== undefined) return alternatives(schema.anyOf);
  if (schema.enum !== undefined) return { type: schema.enum.map(String).join(" | "), link: null };
  if (schema.const !== undefined) return { type: JSON.stringify(schema.const), link: null };
  if (schema.items !== undefined) {
    const { type, link } = typeOf(schema.items);
    return { type: `${type}[]`, link };
  }
  const types = schema.type === undefined ? ["any"] : typeof schema.type === "string" ? [schema.type] : schema.type;
  return { type: `${types.join(" | ")}${bounds(schema)}`, link: null };
}

function alternatives(schemas: readonly JsonSchema[]): Pick<FieldRow, "type" | "link"> {
  const types = schemas.map(typeOf);
  return {
    type: types.map(({ type }) => type).join(" | "),
    link: types.find(({ link }) => link !== null)?.link ?? null,
  };
}

const boundWords = [
  ["minimum", "≥"],
  ["exclusiveMinimum", ">"],
  ["maximum", "≤"],
  ["exclusiveMaximum", "<"],
  ["minLength", "length ≥"],
  ["maxLength", "length ≤"],
  ["minItems", "items ≥"],
  ["maxItems", "items ≤"],
] as const;

/** The largest whole numbers say nothing: every integer has them. */
const isTelling = (value: unknown) => typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER;

function bounds(schema: JsonSchema): string {
  const said = boundWords.flatMap(([keyword, words]) =>
    isTelling(schema[keyword]) ? [`${words} ${String(schema[keyword])}`] : [],
  );
  if (typeof schema["pattern"] === "string") said.push(`like ${schema["pattern"]}`);
  return said.length === 0 ? "" : ` ${said.join(", ")}`;
}
