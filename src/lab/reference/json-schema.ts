import { z } from "zod";
import { namedSchemas } from "./schemas.js";

/** JSON Schema 2020-12, as OpenAPI 3.1 has it; only what the reference reads is named. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly [keyword: string]: unknown;
}

/** What the source says above a field, by `Schema.field` or `METHOD /path query.field`. */
export type Descriptions = Readonly<Record<string, string>>;

const refOf = (name: string) => `#/components/schemas/${name}`;

const registry = z.registry<{ id: string }>();
for (const [name, schema] of namedSchemas) registry.add(schema, { id: name });

/**
 * A schema as JSON Schema; those of the contract inside it become references, and are kept in `components` as they are met.
 * `input`: what may be sent (defaults are optional); `output`: what is answered.
 */
export function toJsonSchema(
  schema: z.ZodType,
  io: "input" | "output",
  components: Map<string, JsonSchema>,
): JsonSchema {
  const { $defs, ...made } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    metadata: registry,
    unrepresentable: "any",
  }) as JsonSchema & { $defs?: Record<string, JsonSchema> };
  const name = registry.get(schema)?.id;
  for (const [id, definition] of Object.entries($defs ?? {})) keep(components, id, definition);
  if (name === undefined) return linked(made);
  keep(components, name, made);
  return { $ref: refOf(name) };
}

/** The name of the schema in the contract that has the very same fields: a route's body is a copy of it that refuses others. */
export function nameOfFields(schema: z.ZodObject): string | undefined {
  const fields = Object.entries(schema.shape);
  for (const [name, named] of namedSchemas) {
    if (!(named instanceof z.ZodObject) || Object.keys(named.shape).length !== fields.length) continue;
    if (fields.every(([field, inner]) => named.shape[field] === inner)) return name;
  }
  return undefined;
}

function keep(components: Map<string, JsonSchema>, name: string, definition: JsonSchema): void {
  if (!components.has(name)) components.set(name, linked(definition));
}

/** References of a schema alone become those of the document, whose dialect is said once. */
function linked(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify({ ...schema, $schema: undefined, id: undefined }, (key, value: unknown) =>
    key === "$ref" && typeof value === "string" ? value.replace(/^#\/\$defs\//, refOf("")) : value,
  );
  return JSON.parse(text) as JsonSchema;
}

/** The schema with what its source says of its fields; `name` is the schema's, or the place it stands in. */
export function described(schema: JsonSchema, name: string, descriptions: Descriptions): JsonSchema {
  const own = descriptions[name];
  const made = own === undefined ? schema : { ...schema, description: own };
  const { properties, items } = made;
  return {
    ...made,
    ...(items === undefined ? {} : { items: described(items, name, descriptions) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([field, inner]) => [
              field,
              described(inner, `${name}.${field}`, descriptions),
            ]),
          ),
        }),
  };
}
