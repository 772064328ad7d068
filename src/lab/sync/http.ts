import { type JSONValue, jsonToConvex } from "convex/values";
import { z } from "zod";
import { nestsDeeperThan } from "../../core/json-depth.js";
import { encodeValue } from "./answer.js";
import type { AuthToken, Backend, FunctionCall, FunctionKind, Identity } from "./backend.js";
import { canonicalPath, decodeArgs, notFound, refuseComponent } from "./call.js";
import { functionError } from "./function-error.js";
import { defaultSyncOptions, type SyncOptions } from "./options.js";
import { plainJson } from "./plain-json.js";
import { maxFrameDepth } from "./protocol.js";
import { encodeU64 } from "./u64.js";

/**
 * Answers one request of Convex's HTTP function API, or null when it is none. `identity` is for a caller that has looked at the token
 * already; without it the Authorization header decides.
 */
export type FunctionApi = (request: Request, identity?: Identity | null) => Promise<Response | null>;

const Body = z.object({
  path: z.string(),
  args: z.unknown().optional(),
  format: z.string().optional(),
  componentPath: z.string().nullish(),
});
type Body = z.infer<typeof Body>;

/** The status of a function that failed, agreed between Convex's servers and clients. */
const functionFailedStatus = 560;
const kinds = { query: "query", query_at_ts: "query", mutation: "mutation", action: "action", function: null } as const;

/** The HTTP half of the endpoint: `/api/{query,mutation,action,query_ts,query_at_ts,function}` below the mount path. */
export function functionApi(backend: Backend, given: Partial<SyncOptions> = {}): FunctionApi {
  const options = { ...defaultSyncOptions, ...given };

  const answer = async (request: Request, name: string, known: Identity | null | undefined): Promise<Response> => {
    if (request.method === "OPTIONS") return new Response(null, { status: 204 });
    if (request.method !== "POST") return refusal(405, "MethodNotAllowed", "Call functions with POST.");
    if (name === "query_ts") return Response.json({ ts: encodeU64(backend.latestTs()) });
    const body = await readBody(request, options.maxPayloadBytes);
    if (body instanceof Response) return body;
    let identity: Identity | null;
    try {
      identity = known === undefined ? await backend.authenticate(bearerToken(request)) : known;
    } catch (error) {
      return refusal(401, "Unauthenticated", error instanceof Error ? error.message : String(error));
    }
    return callFunction({ backend, options, identity, body, kind: kinds[name as keyof typeof kinds] });
  };

  return async (request, identity) => {
    const { pathname } = new URL(request.url);
    const name = pathname.startsWith(`${options.mountPath}/api/`) ? pathname.slice(options.mountPath.length + 5) : "";
    if (name !== "query_ts" && !Object.hasOwn(kinds, name)) return null;
    const origin = request.headers.get("origin");
    if (origin !== null && !options.allowOrigin(origin)) {
      return refusal(403, "OriginNotAllowed", "Pages of this origin may not call the lab.");
    }
    return withCors(await answer(request, name, identity), origin);
  };
}

interface Call {
  readonly backend: Backend;
  readonly options: SyncOptions;
  readonly identity: Identity | null;
  readonly body: Body;
  /** Null: whatever the function is. */
  readonly kind: FunctionKind | null;
}

async function callFunction({ backend, options, identity, body, kind }: Call): Promise<Response> {
  try {
    refuseComponent(body.path, body.componentPath ?? undefined);
    const path = canonicalPath(body.path);
    const call = { path, args: decodeArgs(body.args ?? {}, options.maxArgsBytes), identity };
    const actual = kind ?? backend.functionKind(path);
    if (actual === null) throw notFound(path);
    backend.admit?.(actual, call);
    const { json, logLines } = await run(backend, actual, call);
    const value = JSON.parse(json) as JSONValue;
    return Response.json({
      status: "success",
      value: body.format === "json" ? plainJson(jsonToConvex(value)) : value,
      logLines,
    });
  } catch (error) {
    const { message, data } = functionError(error, options.redactErrors);
    const rest = data === undefined ? {} : { errorData: data };
    return Response.json(
      { status: "error", errorMessage: message, ...rest, logLines: [] },
      { status: functionFailedStatus },
    );
  }
}

async function run(backend: Backend, kind: FunctionKind, call: FunctionCall) {
  switch (kind) {
    case "query": {
      const result = await backend.read(async (reader) => reader.query({ ...call, journal: null }));
      if ("error" in result) throw result.error;
      return { json: result.json ?? encodeValue(result.value), logLines: result.logLines ?? [] };
    }
    case "mutation": {
      const { value, logLines = [] } = await backend.mutation(call, null);
      return { json: encodeValue(value), logLines };
    }
    case "action": {
      const { value, logLines = [] } = await backend.action(call);
      return { json: encodeValue(value), logLines };
    }
  }
}

async function readBody(request: Request, maxBytes: number): Promise<Body | Response> {
  const tooLarge = () => refusal(413, "PayloadTooLarge", `The body may have ${maxBytes} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return tooLarge();
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    sizeBytes += part.byteLength;
    if (sizeBytes > maxBytes) return tooLarge();
    parts.push(part);
  }
  try {
    const text = Buffer.concat(parts).toString();
    if (nestsDeeperThan(text, maxFrameDepth)) {
      return refusal(400, "BadJsonBody", `The body is nested deeper than ${maxFrameDepth} levels.`);
    }
    const parsed = Body.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : refusal(400, "BadJsonBody", z.prettifyError(parsed.error));
  } catch (error) {
    return refusal(400, "BadJsonBody", error instanceof Error ? error.message : String(error));
  }
}

function bearerToken(request: Request): AuthToken {
  const [scheme = "", value = ""] = (request.headers.get("authorization") ?? "").split(" ", 2);
  if (scheme.toLowerCase() === "bearer") return { type: "User", value };
  if (scheme.toLowerCase() === "convex") return { type: "Admin", value };
  return { type: "None" };
}

const refusal = (status: number, code: string, message: string) => Response.json({ code, message }, { status });

function withCors(response: Response, origin: string | null): Response {
  if (origin === null) return response;
  response.headers.set("access-control-allow-origin", origin);
  response.headers.set("access-control-allow-methods", "POST, OPTIONS");
  response.headers.set("access-control-allow-headers", "Authorization, Content-Type, Convex-Client");
  response.headers.set("access-control-max-age", "86400");
  response.headers.set("vary", "Origin");
  return response;
}
