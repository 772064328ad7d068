import { ConvexError, convexToJson, type JSONValue, jsonToConvex, type Value } from "convex/values";
import { LabError } from "./lab-error.js";
import type { Change, LabStore } from "./store/store.js";
import type { AuthToken, Backend, FunctionCall, Identity, MutationResult, Once, QueryResult } from "./sync/backend.js";
import { functionRegistry, type LabFunction } from "./sync/function-registry.js";
import { tokenMatcher } from "./token.js";

export interface BackendParts<Services> {
  readonly store: LabStore;
  readonly services: Services;
  /** What clients may call, by path (`experiments:list`). */
  readonly functions: Readonly<Record<string, LabFunction<Services>>>;
  /** The bearer token of the REST routes; it is taken here as it is, though it is no JWT. */
  readonly token: string;
}

const owner: Identity = { subject: "owner" };

/** The lab behind the sync endpoint: functions over services, each read on one state, each mutation in one transaction. */
export function createBackend<Services>({ store, services, functions, token }: BackendParts<Services>): Backend {
  const registry = functionRegistry(functions);
  const isToken = tokenMatcher(token);

  const authenticate = (given: AuthToken): Identity | null => {
    if (given.type === "None") return null;
    if (isToken(given.value)) return owner;
    throw new Error("This token is not the lab's. It is in the file `token` of the lab's data directory.");
  };

  const apply = async (change: Change, call: FunctionCall): Promise<MutationResult> => {
    const { value, topics, logLines } = await registry.mutation(call, services);
    for (const topic of topics) change.touch(topic);
    return { value, ts: change.ts, ...(logLines === undefined ? {} : { logLines }) };
  };

  return {
    latestTs: store.latestTs,
    observeTs: store.observeTs,
    authenticate,
    functionKind: registry.kindOf,

    read: (run) =>
      store.read((_, ts) => run({ ts, query: async (call) => withConvexError(await registry.query(call, services)) })),

    mutation: (call, once) =>
      store
        .change(async (change) => {
          if (once === null) return apply(change, call);
          const answered = await findAnswer(change, once);
          if (answered !== undefined) return answered;
          const result = await apply(change, call);
          await keepAnswer(change, once, result);
          return result;
        })
        .catch((error: unknown) => {
          throw toConvexError(error);
        }),

    action: async (call) => {
      try {
        return await registry.action(call, services);
      } catch (error) {
        throw toConvexError(error);
      }
    },

    onCommit: (listener) => store.onChange((topics, ts) => listener({ ts, topics: [...topics] })),
  };
}

/** A refusal the lab means reaches the client as data (`error.data.code`), which no server ever redacts. */
function toConvexError(error: unknown): unknown {
  if (!(error instanceof LabError)) return error;
  const { code, message, status } = error;
  return new ConvexError({ code, message, status });
}

function withConvexError(result: QueryResult): QueryResult {
  return "error" in result ? { ...result, error: toConvexError(result.error) } : result;
}

async function findAnswer({ tx }: Change, { sessionId, requestId }: Once): Promise<MutationResult | undefined> {
  const row = await tx
    .selectFrom("session_requests")
    .select(["ts", "result"])
    .where("session_id", "=", sessionId)
    .where("request_id", "=", requestId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { value: jsonToConvex(JSON.parse(row.result) as JSONValue), ts: BigInt(row.ts) };
}

async function keepAnswer({ tx, at, ts }: Change, { sessionId, requestId }: Once, { value }: MutationResult) {
  const result = JSON.stringify(convexToJson(value as Value));
  await tx
    .insertInto("session_requests")
    .values({ session_id: sessionId, request_id: requestId, ts: String(ts), result, at })
    .execute();
}

/** Convex clients resend what a cut left unanswered within minutes; a week is generous. */
const answersKeptMs = 7 * 24 * 3_600_000;

/** Forgets answers that nobody will ask for again. */
export function pruneAnswers(store: LabStore): Promise<void> {
  return store.change(async ({ tx, at }) => {
    await tx
      .deleteFrom("session_requests")
      .where("at", "<", at - answersKeptMs)
      .execute();
  });
}
