import { ConvexError, convexToJson, type JSONValue, jsonToConvex, type Value } from "convex/values";
import type { Need } from "../contract/access.js";
import { type Clock, systemClock } from "../core/clock.js";
import type { Actor } from "./access/actor.js";
import { ask } from "./access/asking.js";
import { createCallLimits } from "./access/call-limits.js";
import { LabError } from "./lab-error.js";
import type { Change, LabStore } from "./store/store.js";
import type {
  AuthToken,
  Backend,
  FunctionCall,
  Identity,
  MutationResult,
  Once,
  QueryCall,
  QueryResult,
} from "./sync/backend.js";
import { functionRegistry, type LabFunction } from "./sync/function-registry.js";

export interface BackendParts<Services> {
  readonly store: LabStore;
  readonly services: Services;
  /** What clients may call, by path (`experiments:list`). */
  readonly functions: Readonly<Record<string, LabFunction<Services>>>;
  /** Who has this bearer token, the same ones as for REST; null: nobody. They are taken here as they are, though few are JWTs. */
  readonly actorOf: (token: string) => Actor | null | Promise<Actor | null>;
  /** Calls back when tokens may have changed their meaning. */
  readonly onAccessChange?: (listener: () => void) => () => void;
  readonly clock?: Clock;
}

/** The lab behind the sync endpoint: functions over services, each read on one state, each mutation in one transaction. */
export function createBackend<Services>(parts: BackendParts<Services>): Backend {
  const { store, services, functions, actorOf, onAccessChange, clock = systemClock } = parts;
  const registry = functionRegistry(functions);
  const countCall = createCallLimits(clock);

  const authenticate = async (given: AuthToken): Promise<Identity | null> => {
    if (given.type === "None") return null;
    const actor = await actorOf(given.value);
    if (actor !== null) return identityOf(actor);
    throw new Error("Nobody has this token, or it has expired or was revoked.");
  };

  /** Runs a call as whoever makes it, so that the services see who it is. */
  const asking = async <T>(
    { path, identity }: FunctionCall,
    reads: Set<string>,
    work: () => Promise<T>,
  ): Promise<T> => {
    const need = registry.needsOf(path) as Need | null;
    return identity === null || need === null ? work() : ask({ actor: toActor(identity), need }, reads, work);
  };

  const query = async (call: QueryCall): Promise<QueryResult> => {
    const reads = new Set<string>();
    const result = await asking(call, reads, () => registry.query(call, services)).catch(
      (error: unknown): QueryResult => ({ error, topics: [] }),
    );
    return withConvexError({ ...result, topics: [...new Set([...result.topics, ...reads])] }, call.path);
  };

  const apply = async (change: Change, call: FunctionCall): Promise<MutationResult> => {
    const { value, topics, logLines } = await asking(call, new Set(), () => registry.mutation(call, services));
    for (const topic of topics) change.touch(topic);
    return { value, ts: change.ts, ...(logLines === undefined ? {} : { logLines }) };
  };

  return {
    latestTs: store.latestTs,
    observeTs: store.observeTs,
    authenticate,
    functionKind: registry.kindOf,

    admit(kind, { path, identity }) {
      try {
        if (identity !== null) countCall(toActor(identity), kind, path);
      } catch (error) {
        throw toConvexError(error, path);
      }
    },

    ...(onAccessChange === undefined ? {} : { onAccessChange }),

    read: (run) => store.read((_, ts) => run({ ts, query })),

    mutation: (call, once) =>
      store
        .change(async (change) => {
          if (once === null) return apply(change, call);
          const answered = await findAnswer(change, once);
          if (answered !== undefined) return answered;
          const result = await apply(change, call);
          await keepAnswer(change, once, registry.isSecret(call.path) ? null : result);
          return result;
        })
        .catch((error: unknown) => {
          throw toConvexError(error, call.path);
        }),

    action: async (call) => {
      try {
        return await asking(call, new Set(), () => registry.action(call, services));
      } catch (error) {
        throw toConvexError(error, call.path);
      }
    },

    onCommit: (listener) => store.onChange((topics, ts) => listener({ ts, topics: [...topics] })),
  };
}

/** The actor goes along as a claim: two connections share results when they may see the same. */
export const identityOf = (actor: Actor): Identity => ({
  subject: actor.id,
  ...(actor.expiresAt === null ? {} : { expiresAt: actor.expiresAt }),
  claims: { actor },
});

const toActor = ({ claims }: Identity): Actor => claims?.["actor"] as Actor;

/** A refusal the lab means reaches the client as data (`error.data.code`), which no server ever redacts. */
function toConvexError(error: unknown, path: string): unknown {
  if (error instanceof LabError) {
    const { code, message, status } = error;
    return new ConvexError({ code: spellCode(code, path), message, status });
  }
  if (!(error instanceof ConvexError)) return error;
  const { code, ...rest } = error.data as { code?: unknown };
  return typeof code === "string" ? new ConvexError({ ...rest, code: spellCode(code, path) }) : error;
}

function withConvexError(result: QueryResult, path: string): QueryResult {
  return "error" in result ? { ...result, error: toConvexError(result.error, path) } : result;
}

/** Modules of the older product, whose documented codes are in capitals; so are only these. */
const olderModules: ReadonlySet<string> = new Set(["auth", "skills", "learning"]);

function spellCode(code: string, path: string): string {
  const [module = ""] = path.split(":");
  if (!olderModules.has(module)) return code;
  return code === "server_error" ? "INTERNAL_ERROR" : code.toUpperCase();
}

async function findAnswer({ tx }: Change, { sessionId, requestId }: Once): Promise<MutationResult | undefined> {
  const row = await tx
    .selectFrom("session_requests")
    .select(["ts", "result"])
    .where("session_id", "=", sessionId)
    .where("request_id", "=", requestId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.result === "") {
    throw new LabError("conflict", "This was done already; its answer holds a secret, which is shown once only.");
  }
  return { value: jsonToConvex(JSON.parse(row.result) as JSONValue), ts: BigInt(row.ts) };
}

/** Of an answer with a secret (null) only that there was one. */
async function keepAnswer({ tx, at, ts }: Change, { sessionId, requestId }: Once, answer: MutationResult | null) {
  const result = answer === null ? "" : JSON.stringify(convexToJson(answer.value as Value));
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
