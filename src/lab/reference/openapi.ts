import { z } from "zod";
import { ErrorBody, errorStatuses, Meta } from "../../contract/envelope.js";
import { ExperimentConfig } from "../../contract/experiment.js";
import type { Route } from "../http/route.js";
import { type Descriptions, described, type JsonSchema, nameOfFields, toJsonSchema } from "./json-schema.js";

/** An OpenAPI 3.1 document, as far as the reference page reads it. */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
  /** What the caller's key must allow; absent: no token is needed. */
  readonly "x-needs"?: string;
  /** The Convex function that does the same. */
  readonly "x-convex-function"?: { readonly path: string; readonly kind: string };
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: JsonSchema;
  readonly description?: string;
  readonly example?: string | number;
}

interface Source {
  readonly routes: readonly Route[];
  readonly version: string;
  /** Comments of the source, from `descriptions.json`. */
  readonly descriptions: Descriptions;
}

const introduction =
  "Experiments, pods, money and everything around them, as the lab of hubify-tui serves them. Every answer is `{data, meta}`, every " +
  "refusal `{error: {code, message, status}}`. Send the token as `Authorization: Bearer …`. Times are ms since 1970 UTC, money is " +
  "USD, and null is unknown, which is not zero. Unknown fields are refused by name. Lists go on with `cursor`, which is the " +
  "`meta.next_cursor` of the page before, while `meta.has_more` is true.\n\n" +
  "Where the token reaches several labs, `X-Hubify-Lab: <slug or id>` makes of it one that sees that lab alone, for this request: " +
  "`EXP-001` is then that lab's, and a `labId` that may be left out means it. `Idempotency-Key` on a POST makes it safe to send again: " +
  "the answer to the first is kept for a day. Answers with one thing carry an `ETag`: `If-None-Match` on GET answers 304 while it is " +
  "the same, `If-Match` on PATCH and DELETE refuses with 412 when somebody has changed it meanwhile.\n\n" +
  "`X-RateLimit-Limit`, `-Remaining` and `-Reset` (seconds since 1970) say what is left of the window that is nearest its end, of the minute and the day; a 429 comes " +
  "with `Retry-After`. `X-Request-Id` names the request in the lab's log.";

/** The document of all routes. Pure: the same routes give the same text, which a committed copy is compared with. */
export function openApiDocument({ routes, version, descriptions }: Source): OpenApiDocument {
  const components = new Map<string, JsonSchema>();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = operationOf(route, components, descriptions);
  }
  toJsonSchema(ErrorBody, "output", components);
  // A config is kept as it is written; what the lab reads of it is a schema of its own.
  toJsonSchema(ExperimentConfig, "input", components);
  return {
    openapi: "3.1.0",
    info: { title: "The lab of hubify-tui", version, description: introduction },
    servers: [{ url: "/" }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(
        [...components]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, schema]) => [name, described(schema, name, descriptions)]),
      ),
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
    },
  };
}

/** The noun a route belongs to: the first of its path, or the second where that is a place of its own. */
const nested = ["queues", "templates", "batches"];
function tagOf({ path }: Route): string {
  const [, , noun = "", second = ""] = path.split("/");
  return nested.includes(second) ? second : noun;
}

function operationOf(route: Route, components: Map<string, JsonSchema>, descriptions: Descriptions): Operation {
  const { method, path, summary, needs, call, params, query, example } = route;
  const place = `${method.toUpperCase()} ${path}`;
  const parameters = [
    ...parametersOf("path", params, { place, components, descriptions, values: example.params }),
    ...parametersOf("query", query, { place, components, descriptions, values: example.query }),
  ];
  return {
    operationId: operationId(route),
    summary,
    tags: [tagOf(route)],
    security: needs === null ? [] : [{ bearer: [] }],
    ...(needs === null ? {} : { "x-needs": needs }),
    ...(call === null ? {} : { "x-convex-function": call }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(route, components, descriptions),
    responses: {
      [route.status]: { description: "Done.", ...json(answerOf(route, components)) },
      default: {
        description: `Refused: ${Object.keys(errorStatuses).join(", ")}.`,
        ...json({ $ref: "#/components/schemas/ErrorBody" }),
      },
    },
  };
}

function bodyOf(
  { method, path, body, form, example }: Route,
  components: Map<string, JsonSchema>,
  descriptions: Descriptions,
): Pick<Operation, "requestBody"> {
  const sent = body ?? form?.extend({ file: z.file() });
  if (sent === undefined) return {};
  const made = toJsonSchema(sent, "input", components);
  const name = nameOfFields(body ?? form ?? sent);
  const named = made.$ref === undefined && name !== undefined ? described(made, name, descriptions) : made;
  const schema = described(named, `${method.toUpperCase()} ${path} body`, descriptions);
  const shown = example.body ?? example.form;
  const content = { schema, ...(shown === undefined ? {} : { example: shown }) };
  const type = body === undefined ? "multipart/form-data" : "application/json";
  return { requestBody: { required: true, content: { [type]: content } } };
}

const json = (schema: JsonSchema) => ({ content: { "application/json": { schema } } });

function answerOf({ result, bare }: Route, components: Map<string, JsonSchema>): JsonSchema {
  const data = toJsonSchema(result, "output", components);
  if (bare) return data;
  return {
    type: "object",
    properties: { data, meta: toJsonSchema(Meta, "output", components) },
    required: ["data", "meta"],
  };
}

/** `post /v1/experiments/{id}/cancel` as `postExperimentsByIdCancel`: stable, and a name in every language. */
function operationId({ method, path }: Route): string {
  const words = path.split(/[/.-]/).filter((word) => word !== "" && word !== "v1");
  const named = words.map((word) => (word.startsWith("{") ? `By${capital(word.slice(1, -1))}` : capital(word)));
  return `${method}${named.join("")}`;
}

const capital = (word: string) => `${word[0]?.toUpperCase() ?? ""}${word.slice(1)}`;

interface ParameterSource {
  readonly place: string;
  readonly components: Map<string, JsonSchema>;
  readonly descriptions: Descriptions;
  readonly values: Readonly<Record<string, string | number>> | undefined;
}

function parametersOf(
  where: "path" | "query",
  schema: z.ZodObject | undefined,
  { place, components, descriptions, values }: ParameterSource,
): Parameter[] {
  if (schema === undefined) return [];
  const made = toJsonSchema(z.object(schema.shape), "input", components);
  return Object.entries(made.properties ?? {}).map(([name, inner]) => {
    const description = descriptions[`${place} ${where}.${name}`];
    return {
      name,
      in: where,
      required: where === "path" || (made.required?.includes(name) ?? false),
      schema: inner,
      ...(description === undefined ? {} : { description }),
      ...(values?.[name] === undefined ? {} : { example: values[name] }),
    };
  });
}
