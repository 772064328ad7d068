import type { Context } from "hono";
import type { z } from "zod";
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
}

/** `data` of the documented envelope; pages name their cursor too. */
export interface Answer {
  readonly data: unknown;
  readonly nextCursor?: string | null;
  readonly hasMore?: boolean;
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
  readonly path: `/v1/${string}`;
  readonly summary: string;
  readonly open: boolean;
  readonly params: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodObject | undefined;
  /** Of `data`. */
  readonly result: z.ZodType;
  /** Answers with `result` itself, without the envelope. */
  readonly bare: boolean;
  readonly status: 200 | 201;
  handle(context: RouteContext, input: RouteInput<never, never, never>): Promise<Answer | Response>;
}

interface Definition<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject>
  extends Pick<Route, "method" | "path" | "summary" | "result"> {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Answered without a token. */
  readonly open?: boolean;
  readonly bare?: boolean;
  readonly status?: 201;
  handle(
    context: RouteContext,
    input: RouteInput<z.output<Params>, z.output<Query>, z.output<Body>>,
  ): Promise<Answer | Response>;
}

/** Checks a route's types, then forgets them, so that routes fit one list. */
export function defineRoute<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
>(definition: Definition<Params, Query, Body>): Route {
  return {
    params: undefined,
    query: undefined,
    body: undefined,
    open: false,
    bare: false,
    status: 200,
    ...definition,
  };
}
