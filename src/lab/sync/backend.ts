/**
 * What the Convex-compatible sync endpoint wants from the lab behind it. The adapter in this folder knows no storage, no table and
 * no function name; whoever keeps the data implements `Backend`, usually by handing calls to a function registry
 * (function-registry.ts) inside transactions of its own:
 *
 * ```ts
 * const backend: Backend = {
 *   latestTs: () => lastTs,
 *   observeTs: (ts) => { if (ts > lastTs) lastTs = ts; },
 *   authenticate: (token) => identityOf(token),
 *   functionKind: (path) => registry.kindOf(path),
 *   read: (run) => lock(() => db.transaction().execute((trx) =>
 *     run({ ts: lastTs, query: (call) => registry.query(call, { trx }) }))),
 *   mutation: (call, once) => lock(async () => {
 *     // one transaction: look `once` up, run the function, store data + answer + ts
 *     // still inside the lock, after COMMIT: announce(topics, ts)
 *   }),
 *   action: (call) => registry.action(call, services),
 *   onCommit: (listener) => subscribe(listener),
 * };
 * ```
 *
 * Four promises carry the whole protocol:
 * 1. **ts never goes back**, across restarts too. It is a u64, nanoseconds since 1970; next = max(now, last + 1); it is stored in the
 *    transaction of the write it belongs to.
 * 2. **A commit is announced (`onCommit`) before any `read` that can see it calls `run`, and before the promise of its mutation
 *    resolves.** With one SQLite connection: announce before the lock is released.
 * 3. **All queries of one `read` see one state**, that of `reader.ts`, which is at least the ts of the last announced commit.
 * 4. **A mutation with the same `once` is applied once**; a second call answers with the first one's value and ts.
 */
export interface Backend {
  /** The newest ts that a client may have been told. */
  latestTs(): bigint;

  /** A client says that it has seen this ts (of an earlier life of the lab, say): never answer with a smaller one. */
  observeTs(ts: bigint): void;

  /** Who stands behind the token; null for nobody. Throws, with a message fit for people, when the token is bad. */
  authenticate(token: AuthToken): Promise<Identity | null> | Identity | null;

  /**
   * Counts a call that a client makes: each query it adds, each mutation and action, over HTTP too. Throws what the client is told when it
   * asks too much. A query that runs again because something changed is not counted.
   */
  admit?(kind: FunctionKind, call: Pick<FunctionCall, "path" | "identity">): void;

  /** Calls back when tokens may have changed their meaning: connections then ask again who they are. Returns the way to stop. */
  onAccessChange?(listener: () => void): () => void;

  /** What `path` is, or null when there is no such public function. */
  functionKind(path: string): FunctionKind | null;

  /** Runs `run` on one state of the data; every query it makes through the reader sees that state. */
  read<T>(run: (reader: Reader) => Promise<T>): Promise<T>;

  /** Runs a mutation in one transaction. Rejects with what the function threw; then nothing was written. */
  mutation(call: FunctionCall, once: Once | null): Promise<MutationResult>;

  /** Runs an action; actions run beside each other. Rejects with what the function threw. */
  action(call: FunctionCall): Promise<ActionResult>;

  /** Calls `listener` for every commit, with what it wrote. Returns the way to stop. */
  onCommit(listener: (commit: Commit) => void): () => void;
}

export type FunctionKind = "query" | "mutation" | "action";

export type AuthToken =
  | { readonly type: "None" }
  | { readonly type: "User"; readonly value: string }
  | { readonly type: "Admin"; readonly value: string };

/** Results are shared between connections whose identities are equal in everything but `expiresAt`. */
export interface Identity {
  readonly subject: string;
  /** When the token stops being good, ms since 1970 UTC; absent means never. */
  readonly expiresAt?: number | undefined;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

export interface FunctionCall {
  /** `module:export`. */
  readonly path: string;
  /** Decoded Convex values (bigint, ArrayBuffer, …); not yet checked against the function's validators. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly identity: Identity | null;
}

export interface QueryCall extends FunctionCall {
  /** What an earlier run of this query left (`QueryResult.journal`), so that a page keeps its end; null at first. */
  readonly journal: string | null;
}

export interface Reader {
  readonly ts: bigint;
  query(call: QueryCall): Promise<QueryResult> | QueryResult;
}

/**
 * `topics` say what was read, as a commit's topics say what was written (`logs:<experimentId>`); a commit re-runs the queries that
 * share a topic with it. A failed query has topics too, else it would stay failed for ever. None: the result never changes.
 */
export type QueryResult = { readonly topics: readonly string[]; readonly logLines?: readonly string[] } & (
  | {
      readonly value: unknown;
      readonly journal?: string | null;
      /** `value` as Convex JSON text, when it is at hand already; it is sent unchecked. */
      readonly json?: string;
    }
  | { readonly error: unknown }
);

export interface MutationResult {
  readonly value: unknown;
  readonly ts: bigint;
  readonly logLines?: readonly string[];
}

export interface ActionResult {
  readonly value: unknown;
  readonly logLines?: readonly string[];
}

/** Names one mutation of one client for ever; keep its answer at least a week (table `session_requests`). */
export interface Once {
  readonly sessionId: string;
  readonly requestId: number;
}

export interface Commit {
  readonly ts: bigint;
  readonly topics: readonly string[];
}

/** The caller's fault: wrong path, wrong kind, wrong args. The text is shown as it is, without "Uncaught Error:". */
export class CallError extends Error {
  override readonly name = "CallError";
}
