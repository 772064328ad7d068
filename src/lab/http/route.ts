import type { Context } from "hono";
import type { z } from "zod";
import type { Need } from "../../contract/access.js";
import type { Clock } from "../../core/clock.js";
import type { Services } from "../services/service.js";
import type { LabStore } from "../store/store.js";

/** What the routes stand on. */
export interface RouteContext {
  readonly services: Services;
  readonly store: Pick<LabStore, "onChange">;
  readonly clock: Clock;
  readonly version: string;
  /** Longest silence of an event stream, ms. */
  readonly heartbeatMs: number;
  /** Calls back when tokens may have changed their meaning; returns the way to stop. */
  readonly onAccessChange?: (listener: () => void) => () => void;
}

/** `data` of the documented envelope; pages name their cursor too. */
export interface Answer {
  readonly data: unknown;
  readonly nextCursor?: string | null;
  readonly hasMore?: boolean;
  /** What else the envelope's `meta` says. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

export interface RouteInput<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** For the few answers that are no envelope. */
  readonly http: Context;
}

/** One REST route. App, OpenAPI document and contract tests follow from the list of them. */
export interface Route {
  readonly method: "get" | "post" | "patch" | "delete";
  /** `{id}` in the path is a document id or a display id. */
  readonly path: `/v1/${string}` | `/api/pipeline/${string}`;
  readonly summary: string;
  /** What the caller's key must allow; null: answered without a token. */
  readonly needs: Need | null;
  readonly params: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodObject | undefined;
  /** Fields of a multipart body, beside its `file`: for the reference, since the handler reads it itself. */
  readonly form: z.ZodObject | undefined;
  /** Of `data`. */
  readonly result: z.ZodType;
  /** Answers with `result` itself, without the envelope. */
  readonly bare: boolean;
  readonly status: 200 | 201;
  /** Largest JSON body, bytes. A handler that has no `body` and reads the request itself sets its own limits. */
  readonly maxBodyBytes: number;
  /** Waits for something outside the lab (a provider, a long file), so it can't be one transaction with what it is checked against. */
  readonly waits: boolean;
  /** Its answer shows a secret once: no answer of it is kept for an `Idempotency-Key`. */
  readonly isSecret: boolean;
  /** What an edit must not collide with, of `data`: the first half of its ETag. Default: all but what moves by itself. */
  readonly etagOf: ((data: never) => unknown) | null;
  /** The Convex function that does the same, `tasks:create`: its arguments are params, query and body together. */
  readonly call: Call | null;
  /** For the reference and the test that runs it: values of the path, the query and the body (ids of contract/sample-ids.ts). */
  readonly example: Example;
  handle(context: RouteContext, input: RouteInput<never, never, never>): Promise<Answer | Response>;
}

/** `action` for what waits for something outside the lab: a mutation is one transaction. */
export interface Call {
  readonly path: `${string}:${string}`;
  readonly kind: "query" | "mutation" | "action";
}

export interface Example {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Fields of a multipart body; what stands under `file` is sent as a file. */
  readonly form?: Readonly<Record<string, string>>;
}

interface Definition<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject>
  extends Pick<Route, "method" | "path" | "summary" | "result" | "needs" | "example"> {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly form?: z.ZodObject;
  readonly bare?: boolean;
  readonly status?: 201;
  readonly maxBodyBytes?: number;
  readonly waits?: boolean;
  readonly isSecret?: boolean;
  readonly etagOf?: (data: never) => unknown;
  handle(
    context: RouteContext,
    input: RouteInput<z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<Answer | Response>;
}

/** Largest body of a request, unless its route says otherwise. */
export const defaultMaxBodyBytes = 2 ** 20;

/** Checks a route's types, then forgets them, so that routes fit one list. Fields that a body or a query does not name are refused. */
export function defineRoute<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
>(definition: Definition<Params, Query, Body>): Route {
  const { body, query } = definition;
  return {
    params: undefined,
    form: undefined,
    bare: false,
    status: 200,
    call: null,
    maxBodyBytes: defaultMaxBodyBytes,
    waits: true,
    isSecret: false,
    etagOf: null,
    ...definition,
    query: strict(query),
    body: strict(body),
  };
}

const strict = (schema: z.ZodObject | undefined) => (schema?.def.catchall === undefined ? schema?.strict() : schema);

/** What an operation has in both dialects. */
export type OperationInput<Params, Query, Body> = Omit<RouteInput<Params, Query, Body>, "http">;

interface OperationDefinition<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject>
  extends Omit<Definition<Params, Query, Body>, "handle" | "bare"> {
  readonly call: Call;
  handle(services: Services, input: OperationInput<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<Answer>;
}

/** A REST route that is a Convex function as well: it stands on the services alone. */
export function defineOperation<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
>(definition: OperationDefinition<Params, Query, Body>): Route {
  const { handle, call, ...route } = definition;
  return {
    ...defineRoute<Params, Query, Body>({
      waits: call.kind === "action",
      ...route,
      handle: ({ services }, input) => handle(services, input),
    }),
    call,
  };
}
