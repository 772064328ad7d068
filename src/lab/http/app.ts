import { type Context, Hono } from "hono";
import type { Actor } from "../access/actor.js";
import { identityOf } from "../backend.js";
import { createReference } from "../reference/serve.js";
import { routes } from "../routes/index.js";
import type { LabStore } from "../store/store.js";
import type { FunctionApi } from "../sync/http.js";
import { type AdmitParts, admit } from "./admit.js";
import { type Env, type Envelope, refuse, respond, withHeaders } from "./answer.js";
import { type BrowserGuard, createBrowserGuard } from "./browser-guard.js";
import { exchangeOf } from "./exchange.js";
import { createIdempotency } from "./idempotency.js";
import { inLab } from "./in-lab.js";
import { createLimits } from "./limits.js";
import { toRefusal } from "./refuse.js";
import { createRequestDays, type RequestDays } from "./request-days.js";
import type { Route, RouteContext } from "./route.js";

export interface AppParts extends RouteContext {
  readonly store: LabStore;
  readonly actorOf: AdmitParts["actorOf"];
  /** Of the owner and of whoever has no plan; callers nobody knows have as many by address. */
  readonly requestsPerMinute: number;
  /** Requests by day, of callers whose plan limits them. */
  readonly requestDays?: RequestDays;
  /** Which browser pages may use it; those of this machine unless given. */
  readonly guard?: BrowserGuard;
  readonly envelope?: Envelope;
  /** Convex's HTTP function API; it looks at tokens itself where nobody is known by them. */
  readonly functionApi?: FunctionApi;
  /** Where the details of a 500 go: the client gets none. */
  readonly onFault: (requestId: string, error: unknown) => void;
}

/** The lab's HTTP surface: REST under `/v1`, Convex's functions under `/api`, the reference at `/docs`. */
export function createApp(parts: AppParts): Hono<Env> {
  const app = new Hono<Env>();
  app.use("*", admit({ ...parts, ...admission(parts) }));
  app.use("*", inLab(parts.services.labs));
  const context: RouteContext = parts;
  const { store, envelope = "data" } = parts;
  const exchange = { context, store, envelope, idempotency: createIdempotency(store), readerOf, editOf };
  for (const route of routes) app.on(route.method, honoPath(route.path), exchangeOf(exchange, route));
  addFunctions(app, parts.functionApi);
  addReference(app, parts.version);
  app.notFound((http) => refuse(http, "not_found", whyNotFound(http)));
  app.onError((error, http) => {
    const refusal = toRefusal(error);
    if (refusal !== null) return refuse(http, refusal.code, refusal.message);
    const requestId = http.get("requestId");
    parts.onFault(requestId, error);
    return refuse(http, "server_error", `The lab failed; its log says why under ${requestId}.`);
  });
  return app;
}

function admission({ store, clock, requestsPerMinute, requestDays, guard }: AppParts) {
  const days = requestDays ?? createRequestDays(store, clock);
  const open = new Set<string>(routes.filter(({ needs }) => needs === null).map(({ path }) => path));
  for (const path of ["/docs", "/v1/openapi.json"]) open.add(path);
  return {
    takeRequest: createLimits({ clock, requestsPerMinute, days }),
    guard: guard ?? createBrowserGuard(),
    isOpen: (path: string) => open.has(path) || (path.startsWith("/api/") && !path.startsWith("/api/pipeline/")),
  };
}

/** `{filePath}` is the one parameter that takes slashes as well. */
const honoPath = (path: string) => path.replace("{filePath}", ":filePath{.+}").replaceAll(/\{(\w+)\}/g, ":$1");

const readers = new Map<string, Route>(
  routes.filter(({ method }) => method === "get").map((route) => [route.path, route]),
);
const readerOf = ({ path }: Route): Route | undefined => readers.get(path);
/** What of an answer people edit, as one of the routes that answer the same kind of thing says. */
const editOf = ({ result }: Route): Route["etagOf"] =>
  routes.find((route) => route.result === result && route.etagOf !== null)?.etagOf ?? null;

function addFunctions(app: Hono<Env>, functionApi: FunctionApi | undefined): void {
  if (functionApi === undefined) return;
  app.all("/api/*", async (http) => {
    const actor: Actor | null = http.get("actor");
    const response = await functionApi(http.req.raw, actor === null ? undefined : identityOf(actor));
    return response === null ? http.notFound() : withHeaders(http, response);
  });
}

function addReference(app: Hono<Env>, version: string): void {
  const reference = createReference(routes, version);
  app.get("/v1/openapi.json", async (http) => respond(http, 200, await reference.document()));
  app.get("/docs", async (http) => {
    const { html, policy } = await reference.page();
    const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy };
    return new Response(html, { headers: { ...headers, ...http.get("headers") } });
  });
}

const patterns = routes.map(({ method, path }) => ({
  method: method.toUpperCase(),
  matches: new RegExp(`^${path.replace("{filePath}", ".+").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** Names the methods that there are, where it is only the method that is wrong. */
function whyNotFound(http: Context<Env>): string {
  const { method, path } = http.req;
  const others = patterns.filter(({ matches }) => matches.test(path)).map((pattern) => pattern.method);
  if (others.length === 0) return `There is no ${method} ${path}.`;
  http.get("headers")["Allow"] = others.join(", ");
  return `There is no ${method} ${path}; there is ${others.map((other) => `${other} ${path}`).join(", ")}.`;
}
