import { randomUUID } from "node:crypto";
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { ErrorBody, Meta } from "../../contract/envelope.js";
import type { Actor } from "../access/actor.js";
import { ask } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { describeIssues } from "../refusal.js";
import { routes } from "../routes/index.js";
import { jsonText } from "./json-text.js";
import { createRateLimiter } from "./rate-limiter.js";
import { refuse, toRefusal } from "./refuse.js";
import type { Route, RouteContext } from "./route.js";

export interface AppParts extends RouteContext {
  /** Who has this bearer token; null: nobody. */
  readonly actorOf: (token: string) => Promise<Actor | null>;
  /** Per token; callers without one share another count of the same size. */
  readonly requestsPerMinute: number;
  /** Convex's HTTP function API; it looks at tokens itself. */
  readonly functionApi?: (request: Request) => Promise<Response | null>;
  /** Where the details of a 500 go: the client gets none. */
  readonly onFault: (requestId: string, error: unknown) => void;
}

interface Env {
  Variables: { requestId: string; actor: Actor | null };
}

/** Largest body of a REST request, bytes. */
const maxBodyBytes = 2 ** 20;

/** The lab's HTTP surface: REST under `/v1`, Convex's functions under `/api`. */
export function createApp(parts: AppParts): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>({
    defaultHook: (result, http) => {
      if (result.success) return;
      const missing = result.target === "json" && http.req.header("content-type") === undefined;
      const hint = missing ? " (send Content-Type: application/json)" : "";
      return refuse(http, "validation_error", `${describeIssues(result.error)}${hint}`);
    },
  });
  const tooLarge = () => {
    throw new LabError("payload_too_large", `The body is larger than ${maxBodyBytes} bytes.`);
  };
  const { functionApi } = parts;
  if (functionApi !== undefined) {
    app.all("/api/*", async (http) => (await functionApi(http.req.raw)) ?? http.notFound());
  }
  app.use("*", admit(parts));
  // Not for every method: to ask whether there is a body makes a whole Request of what else is only looked at.
  app.on(["POST", "PATCH", "PUT"], "/v1/*", bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge }));
  for (const route of routes) addRoute(app, parts, route);
  addDocument(app, parts.version);
  app.notFound((http) => refuse(http, "not_found", `There is no ${http.req.method} ${http.req.path}.`));
  app.onError((error, http) => {
    const refusal = toRefusal(error);
    if (refusal !== null) return refuse(http, refusal.code, refusal.message);
    const requestId = http.get("requestId");
    parts.onFault(requestId, error);
    return refuse(http, "server_error", `The lab failed; its log says why under ${requestId}.`);
  });
  return app;
}

/** Names the request, counts it, and lets it in if it may: in this order, so that a refusal has every documented header. */
function admit({ actorOf, requestsPerMinute, clock }: AppParts): MiddlewareHandler<Env> {
  const take = createRateLimiter(requestsPerMinute);
  const openPaths = new Set(routes.filter(({ needs }) => needs === null).map(({ path }) => path as string));
  return async (http, next) => {
    const requestId = `req_${randomUUID().replaceAll("-", "").slice(0, 16)}`;
    http.set("requestId", requestId);
    http.header("X-Request-Id", requestId);
    const given = /^Bearer +(.+)$/i.exec(http.req.header("authorization") ?? "")?.[1];
    const actor = given === undefined ? null : await actorOf(given);
    http.set("actor", actor);
    const { allowed, limit, remaining, resetAt } = take(actor?.id ?? "anonymous", clock.now());
    http.header("X-RateLimit-Limit", String(limit));
    http.header("X-RateLimit-Remaining", String(remaining));
    http.header("X-RateLimit-Reset", String(resetAt));
    if (!allowed) {
      const waitSeconds = Math.max(1, resetAt - Math.floor(clock.now() / 1000));
      http.header("Retry-After", String(waitSeconds));
      return refuse(http, "rate_limited", `More than ${limit} requests in a minute; try again in ${waitSeconds} s.`);
    }
    if (actor === null && !openPaths.has(http.req.path)) {
      const why =
        given === undefined ? "Send the lab's token as `Authorization: Bearer …`" : "This token is not the lab's";
      return refuse(http, "unauthorized", `${why}; it is in the file \`token\` of the lab's data directory.`);
    }
    await next();
  };
}

function envelopeOf({ result, bare }: Route): z.ZodType {
  return bare ? result : z.object({ data: result, meta: Meta });
}

const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });

function addRoute(app: OpenAPIHono<Env>, context: RouteContext, route: Route): void {
  const { params, query, body } = route;
  const described = createRoute({
    method: route.method,
    path: route.path,
    summary: route.summary,
    tags: [route.path.split("/")[2] ?? ""],
    ...(route.needs === null ? {} : { security: [{ bearer: [] }] }),
    request: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body: { required: true, ...json(body) } }),
    },
    responses: {
      [route.status]: { description: "Done.", ...json(envelopeOf(route)) },
      default: { description: "Refused, with the reason.", ...json(ErrorBody) },
    },
  });
  const handle = async (http: Context<Env>) => {
    const valid = (target: string) => http.req.valid(target as never);
    const input = { params: valid("param"), query: valid("query"), body: valid("json"), http: http as Context };
    const handled = () => route.handle(context, input);
    const actor = http.get("actor");
    const { needs } = route;
    const answer = await (needs === null || actor === null
      ? handled()
      : ask({ actor, need: needs }, new Set(), handled));
    if (answer instanceof Response) return answer;
    if (route.bare) return http.json(answer.data as object, route.status);
    const meta = {
      request_id: http.get("requestId"),
      timestamp: new Date(context.clock.now()).toISOString(),
      ...(answer.nextCursor === undefined ? {} : { next_cursor: answer.nextCursor, has_more: answer.hasMore ?? false }),
    };
    const text = `{"data":${jsonText(answer.data)},"meta":${JSON.stringify(meta)}}`;
    return http.body(text, route.status, { "Content-Type": "application/json" });
  };
  app.openapi(described, handle as never);
}

function addDocument(app: OpenAPIHono<Env>, version: string): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  app.doc31("/v1/openapi.json", {
    openapi: "3.1.0",
    info: { title: "The lab of hubify-tui", version },
    servers: [{ url: "/" }],
  });
}
