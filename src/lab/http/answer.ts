import type { Context } from "hono";
import { type ErrorCode, errorStatuses } from "../../contract/envelope.js";
import type { Actor } from "../access/actor.js";
import { jsonText } from "./json-text.js";
import type { Answer, Route } from "./route.js";

/** What the first middleware finds out about a request. */
export interface Env {
  Variables: {
    requestId: string;
    actor: Actor | null;
    /** Whether the token that came with it is still somebody's: for answers that last. */
    isStillKnown: () => Promise<boolean>;
    /** That every answer carries: limits, request id. A plain record, since the server writes that fastest. */
    headers: Record<string, string>;
  };
}

/** What carries the data: `data` everywhere, or the name of the resource, as some of the documented routes have it. */
export type Envelope = "data" | "resource";

/** A JSON text as an answer. */
export function respond(http: Context<Env>, status: number, text: string): Response {
  return new Response(text, { status, headers: { "Content-Type": "application/json", ...http.get("headers") } });
}

/** The documented error envelope. */
export function refuse(http: Context<Env>, code: ErrorCode, message: string): Response {
  const status = errorStatuses[code];
  return respond(http, status, JSON.stringify({ error: { code, message, status } }));
}

/** An answer that a handler made itself, with what every answer carries. */
export function withHeaders(http: Context<Env>, response: Response): Response {
  for (const [name, value] of Object.entries(http.get("headers"))) response.headers.set(name, value);
  return response;
}

/** The documented envelope around an answer. */
export function envelopeText(http: Context<Env>, answer: Answer, { name, at }: { name: string; at: number }): string {
  const { data, nextCursor, hasMore } = answer;
  const isPage = nextCursor !== undefined || Array.isArray(data);
  const meta = {
    request_id: http.get("requestId"),
    timestamp: new Date(at).toISOString(),
    ...(isPage ? { next_cursor: nextCursor ?? null, has_more: hasMore ?? false } : {}),
    ...answer.meta,
  };
  return `{"${name}":${jsonText(data)},"meta":${JSON.stringify(meta)}}`;
}

/** What carries a route's data: the last word of its path, in the singular where it answers one thing. */
export function dataName({ path, result }: Pick<Route, "path" | "result">, envelope: Envelope): string {
  if (envelope === "data") return "data";
  const noun = path
    .split("/")
    .findLast((part) => part !== "" && !part.startsWith("{"))
    ?.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const isOne = result.def.type !== "array" && path.endsWith("}");
  return (isOne ? noun?.replace(/(?<=ch)es$|s$/, "") : noun) ?? "data";
}
