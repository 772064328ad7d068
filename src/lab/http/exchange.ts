import type { Context } from "hono";
import { ask } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import { dataName, type Env, type Envelope, envelopeText, respond, withHeaders } from "./answer.js";
import { checkMatch, etagOf, isKnown } from "./etag.js";
import type { Idempotency, KeptAnswer } from "./idempotency.js";
import { labHeader } from "./in-lab.js";
import { type Input, readInput } from "./input.js";
import type { Answer, Route, RouteContext } from "./route.js";

/** What one exchange stands on, besides what its handler does. */
export interface ExchangeParts {
  readonly context: RouteContext;
  readonly store: LabStore;
  readonly idempotency: Idempotency;
  readonly envelope: Envelope;
  /** What reads the thing that a route changes: the GET of the same path. */
  readonly readerOf: (route: Route) => Route | undefined;
  readonly editOf: (route: Route) => Route["etagOf"];
}

type Http = Context<Env>;

/** Makes what answers one route: it checks the request, asks the handler as whoever calls, and puts the answer into its envelope. */
export function exchangeOf(parts: ExchangeParts, route: Route): (http: Http) => Promise<Response> {
  const { context, idempotency, envelope } = parts;
  const name = dataName(route, envelope);
  const ofEdit = parts.editOf(route);

  const toKept = (http: Http, answer: Answer): KeptAnswer => {
    const text = route.bare
      ? JSON.stringify(answer.data)
      : envelopeText(http, answer, { name, at: context.clock.now() });
    const { data } = answer;
    if (!route.bare && !route.isSecret && typeof data === "object" && data !== null && !Array.isArray(data)) {
      http.get("headers")["ETag"] = etagOf(data, ofEdit);
    }
    return { status: route.status, text };
  };

  const answer = async (http: Http, input: Input): Promise<Response> => {
    const run = handling(parts, route, { http, input });
    const key = route.method === "post" ? http.req.header("idempotency-key") : undefined;
    const actor = http.get("actor");
    if (key === undefined || actor === null) {
      const answered = await run();
      return answered instanceof Response ? withHeaders(http, answered) : finish(http, toKept(http, answered));
    }
    const { method, url } = http.req;
    const request = [
      method,
      url.slice(url.indexOf("/", "https://".length)),
      input.bodyText,
      http.req.header(labHeader) ?? "",
    ];
    const { waits, isSecret } = route;
    const outcome = await idempotency.once({ actor: actor.id, key, request, waits, isSecret }, async () => {
      const answered = await run();
      return answered instanceof Response ? answered : toKept(http, answered);
    });
    if (outcome.isReplay) http.get("headers")["Idempotent-Replayed"] = "true";
    return outcome.answer instanceof Response ? withHeaders(http, outcome.answer) : finish(http, outcome.answer);
  };

  return async (http) => {
    const actor = http.get("actor");
    const { needs } = route;
    const work = async () => answer(http, await readInput(route, http));
    return needs === null || actor === null ? work() : ask({ actor, need: needs }, new Set(), work);
  };
}

function finish(http: Http, { status, text }: KeptAnswer): Response {
  const etag = http.get("headers")["ETag"];
  const known = etag === undefined || http.req.method !== "GET" ? undefined : http.req.header("if-none-match");
  if (etag === undefined || known === undefined || !isKnown(known, etag)) return respond(http, status, text);
  return new Response(null, { status: 304, headers: http.get("headers") });
}

/** The handler, after the check that nobody has changed what it changes, in one transaction with it where that can be. */
function handling(
  { context, store, readerOf, editOf }: ExchangeParts,
  route: Route,
  { http, input }: { http: Http; input: Input },
): () => Promise<Answer | Response> {
  const run = () => route.handle(context, { ...input, http } as never);
  const ifMatch = route.method === "get" || route.method === "post" ? undefined : http.req.header("if-match");
  if (ifMatch === undefined) return run;
  const reader = readerOf(route);
  if (reader === undefined) throw new LabError("validation_error", `If-Match: ${route.path} has no ETag`);
  const checked = async () => {
    const query = reader.query?.parse({});
    const now = await reader.handle(context, { params: input.params, query, http } as never);
    if (now instanceof Response || typeof now.data !== "object" || now.data === null) {
      throw new LabError("validation_error", `If-Match: ${route.path} has no ETag`);
    }
    checkMatch(ifMatch, etagOf(now.data, editOf(reader)));
    return run();
  };
  return route.waits ? checked : () => store.change(checked);
}
