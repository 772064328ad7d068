import { z } from "zod";
import { nestsDeeperThan } from "../../core/json-depth.js";
import type { AnswerBody } from "./answer.js";
import type { FunctionError } from "./function-error.js";
import { encodeU64 } from "./u64.js";

/** Convex's sync protocol as `convex` 1.48.0 speaks it. Client messages are parsed here, server messages are written here. */

/** No stack has to be as deep as a frame is long. Arguments have a limit of their own, which is answered. */
export const maxFrameDepth = 1000;
/** Changes of one message: a client that comes back sends all its queries at once. */
const mostModifications = 5000;

const version = z.number().int().nonnegative();
const functionArgs = z.array(z.unknown());

const Connect = z.object({
  type: z.literal("Connect"),
  sessionId: z.string().min(1).max(200),
  connectionCount: z.number(),
  lastCloseReason: z.string().nullish(),
  maxObservedTimestamp: z.string().optional(),
  /** The client's clock in ms; absent in clients before 1.25. */
  clientTs: z.number().optional(),
});

const AddQuery = z.object({
  type: z.literal("Add"),
  queryId: version,
  udfPath: z.string(),
  args: functionArgs,
  journal: z.string().nullish(),
  componentPath: z.string().optional(),
});
export type AddQuery = z.infer<typeof AddQuery>;

const RemoveQuery = z.object({ type: z.literal("Remove"), queryId: version });

const ModifyQuerySet = z.object({
  type: z.literal("ModifyQuerySet"),
  baseVersion: version,
  newVersion: version,
  modifications: z.array(z.discriminatedUnion("type", [AddQuery, RemoveQuery])).max(mostModifications),
});
export type ModifyQuerySet = z.infer<typeof ModifyQuerySet>;

const Authenticate = z.discriminatedUnion("tokenType", [
  z.object({ type: z.literal("Authenticate"), baseVersion: version, tokenType: z.literal("None") }),
  z.object({ type: z.literal("Authenticate"), baseVersion: version, tokenType: z.literal("User"), value: z.string() }),
  z.object({ type: z.literal("Authenticate"), baseVersion: version, tokenType: z.literal("Admin"), value: z.string() }),
]);
export type Authenticate = z.infer<typeof Authenticate>;

const request = { requestId: version, udfPath: z.string(), args: functionArgs, componentPath: z.string().optional() };
const Mutation = z.object({ type: z.literal("Mutation"), ...request });
const Action = z.object({ type: z.literal("Action"), ...request });
export type MutationRequest = z.infer<typeof Mutation>;
export type ActionRequest = z.infer<typeof Action>;

/** Metrics of the client's own; read and dropped. */
const Event = z.object({ type: z.literal("Event") });

const ClientMessage = z.union([
  z.discriminatedUnion("type", [Connect, ModifyQuerySet, Mutation, Action, Event]),
  Authenticate,
]);
export type ClientMessage = z.infer<typeof ClientMessage>;
export type Connect = z.infer<typeof Connect>;

/** One frame of a client. A `fault` is the client's own: it speaks another protocol than ours. */
export function parseClientMessage(text: string): { message: ClientMessage } | { fault: string } {
  if (nestsDeeperThan(text, maxFrameDepth))
    return { fault: `a message was nested deeper than ${maxFrameDepth} levels` };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: "a message was not JSON" };
  }
  const parsed = ClientMessage.safeParse(json);
  if (parsed.success) return { message: parsed.data };
  const type = (json as { type?: unknown } | null)?.type;
  return {
    fault: `unknown or malformed message ${typeof type === "string" ? JSON.stringify(type.slice(0, 40)) : ""}`.trim(),
  };
}

/** Where a client stands: which query set and identity it asked for, and the ts of the state it holds. */
export interface StateVersion {
  readonly querySet: number;
  readonly identity: number;
  readonly ts: bigint;
}

export const initialVersion: StateVersion = { querySet: 0, identity: 0, ts: 0n };

/** The parts of a Transition; `modifications` are JSON texts, so that a result shared by many is written once. */
export interface TransitionParts {
  readonly from: StateVersion;
  readonly to: StateVersion;
  readonly modifications: readonly string[];
  /** Client's clock minus ours in ms, where the client told its clock. */
  readonly clockSkewMs: number | null;
  readonly atMs: number;
}

const wireVersion = (state: StateVersion) => ({ ...state, ts: encodeU64(state.ts) });

export function transition({ from, to, modifications, clockSkewMs, atMs }: TransitionParts): string {
  const rest = {
    startVersion: wireVersion(from),
    endVersion: wireVersion(to),
    ...(clockSkewMs === null ? {} : { clientClockSkew: clockSkewMs }),
    serverTs: atMs * 1_000_000,
  };
  return `{"type":"Transition","modifications":[${modifications.join(",")}],${JSON.stringify(rest).slice(1)}`;
}

export function queryChanged(queryId: number, body: AnswerBody): string {
  return `{"type":"${body.type}","queryId":${queryId},${body.fields}}`;
}

export const queryRemoved = (queryId: number) => JSON.stringify({ type: "QueryRemoved", queryId });

export function mutationDone(requestId: number, answer: { json: string; ts: bigint; logLines: readonly string[] }) {
  const rest = { logLines: answer.logLines, ts: encodeU64(answer.ts) };
  return `{"type":"MutationResponse","requestId":${requestId},"success":true,"result":${answer.json},${JSON.stringify(rest).slice(1)}`;
}

export function actionDone(requestId: number, answer: { json: string; logLines: readonly string[] }) {
  const rest = JSON.stringify({ logLines: answer.logLines }).slice(1);
  return `{"type":"ActionResponse","requestId":${requestId},"success":true,"result":${answer.json},${rest}`;
}

export function requestFailed(kind: "Mutation" | "Action", requestId: number, error: FunctionError) {
  return JSON.stringify({
    type: `${kind}Response`,
    requestId,
    success: false,
    result: error.message,
    logLines: [],
    ...(error.data === undefined ? {} : { errorData: error.data }),
  });
}

export function authError(error: string, baseVersion: number, authUpdateAttempted: boolean): string {
  return JSON.stringify({ type: "AuthError", error, baseVersion, authUpdateAttempted });
}

/** Ends the client for good: only for the client's own faults against the protocol. */
export const fatalError = (error: string) => JSON.stringify({ type: "FatalError", error });

export const ping = JSON.stringify({ type: "Ping" });
