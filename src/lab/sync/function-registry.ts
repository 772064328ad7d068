import { ConvexError, type ObjectType, type PropertyValidators, v } from "convex/values";
import type { ActionResult, FunctionCall, FunctionKind, Identity, QueryCall, QueryResult } from "./backend.js";
import { CallError } from "./backend.js";
import { canonicalPath, notFound } from "./call.js";
import { validateArgs } from "./validate-args.js";

/** What every function gets: the services of whoever runs the registry, and who asks. */
export interface FunctionContext<Services> {
  readonly services: Services;
  /** Null only in functions that need nothing. */
  readonly identity: Identity | null;
  /** A line for the caller's console, in development. */
  log(text: string): void;
}

export interface QueryContext<Services> extends FunctionContext<Services> {
  /** What {@link QueryContext.keepJournal} kept in the last run for this subscription; null in the first. */
  readonly journal: string | null;
  keepJournal(journal: string): void;
  /** Names what is being read, where `topics` can't tell from the arguments alone. */
  reads(...topics: readonly string[]): void;
}

export interface MutationContext<Services> extends FunctionContext<Services> {
  /** Names what is being written: queries that share a topic run again after the commit. */
  writes(...topics: readonly string[]): void;
}

interface Definition<Args extends PropertyValidators, Context, Need extends string> {
  readonly args: Args;
  /** What whoever calls it must be allowed; null: anybody, also without a token. Strangers get a ConvexError {code: "unauthorized"}. */
  readonly needs: Need | null;
  readonly handler: (context: Context, args: ObjectType<Args>) => unknown;
}

export interface QueryDefinition<Services, Args extends PropertyValidators, Need extends string>
  extends Definition<Args, QueryContext<Services>, Need> {
  /** What the query reads, as far as its arguments tell. A query without topics never runs again. */
  readonly topics?: (args: ObjectType<Args>) => readonly string[];
}

/** A function with its types forgotten: arguments are checked against `args` before `handler` sees them. */
export interface LabFunction<Services> {
  readonly kind: FunctionKind;
  /** null: the handler checks its arguments itself. */
  readonly args: PropertyValidators | null;
  readonly needs: string | null;
  readonly topics: (args: never) => readonly string[];
  /** Its answer holds a secret, of which nothing is kept for a client that asks again. */
  readonly isSecret?: boolean;
  readonly handler: (context: QueryContext<Services> & MutationContext<Services>, args: never) => unknown;
}

/**
 * The definers for functions that use these services; arguments are typed by their validators:
 *
 * ```ts
 * const { defineQuery } = functionsOf<LabServices>();
 * export const list = defineQuery({
 *   args: { labId: v.string(), limit: v.optional(v.number()) },
 *   topics: () => ["experiments"],
 *   handler: ({ services }, { labId, limit = 100 }) => services.experiments.list(labId, limit),
 * });
 * ```
 */
export function functionsOf<Services, Need extends string = string>() {
  return {
    defineQuery: <Args extends PropertyValidators>(
      query: QueryDefinition<Services, Args, Need>,
    ): LabFunction<Services> => ({
      kind: "query",
      topics: () => [],
      ...query,
    }),
    defineMutation: <Args extends PropertyValidators>(
      mutation: Definition<Args, MutationContext<Services>, Need>,
    ): LabFunction<Services> => ({ kind: "mutation", topics: () => [], ...mutation }),
    defineAction: <Args extends PropertyValidators>(
      action: Definition<Args, FunctionContext<Services>, Need>,
    ): LabFunction<Services> => ({ kind: "action", topics: () => [], ...action }),
  };
}

/** All public functions by path (`module:export`), callable with arguments nobody has checked. */
export interface FunctionRegistry<Services> {
  kindOf(path: string): FunctionKind | null;
  /** What the function asks of its caller; null: nothing, or there is no such function. */
  needsOf(path: string): string | null;
  isSecret(path: string): boolean;
  /** Never rejects: what the function threw comes as `error`, with the topics it had read by then. */
  query(call: QueryCall, services: Services): Promise<QueryResult>;
  /** Run it inside the transaction that it writes to; a rejection must undo that. */
  mutation(call: FunctionCall, services: Services): Promise<ActionResult & { readonly topics: readonly string[] }>;
  action(call: FunctionCall, services: Services): Promise<ActionResult>;
}

export function functionRegistry<Services>(
  functions: Readonly<Record<string, LabFunction<Services>>>,
): FunctionRegistry<Services> {
  const byPath = new Map(Object.entries(functions).map(([path, definition]) => [canonicalPath(path), definition]));

  const find = (path: string, kind: FunctionKind) => {
    const found = byPath.get(canonicalPath(path));
    if (found === undefined) throw notFound(path);
    if (found.kind === kind) return found;
    const name = (word: string) => `${word[0]?.toUpperCase() ?? ""}${word.slice(1)}`;
    throw new CallError(`Trying to execute ${path} as ${name(kind)}, but it is defined as ${name(found.kind)}.`);
  };

  const run = async (kind: FunctionKind, call: FunctionCall, context: Record<string, unknown> & Noted) => {
    const found = find(call.path, kind);
    if (call.identity === null && found.needs !== null) {
      throw new ConvexError({ code: "unauthorized", message: `${call.path} needs a token.` });
    }
    if (found.args !== null) validateArgs(v.object(found.args), call.args);
    for (const topic of found.topics(call.args as never)) context.noted.add(topic);
    return (await found.handler(context as never, call.args as never)) ?? null;
  };

  const contextOf = (call: FunctionCall, services: Services) => {
    const noted = new Set<string>();
    const logLines: string[] = [];
    const note = (...topics: readonly string[]) => topics.forEach((topic) => noted.add(topic));
    const log = (text: string) => logLines.push(`[LOG] '${text}'`);
    return { services, identity: call.identity, noted, logLines, log, reads: note, writes: note };
  };

  return {
    kindOf: (path) => byPath.get(canonicalPath(path))?.kind ?? null,
    needsOf: (path) => byPath.get(canonicalPath(path))?.needs ?? null,
    isSecret: (path) => byPath.get(canonicalPath(path))?.isSecret ?? false,

    async query(call, services) {
      let { journal } = call;
      const keepJournal = (kept: string) => (journal = kept);
      const context = { ...contextOf(call, services), journal, keepJournal };
      const common = () => ({ topics: [...context.noted], logLines: context.logLines });
      try {
        const value = await run("query", call, context);
        return { value, journal, ...common() };
      } catch (error) {
        return { error, ...common() };
      }
    },

    async mutation(call, services) {
      const context = contextOf(call, services);
      const value = await run("mutation", call, context);
      return { value, topics: [...context.noted], logLines: context.logLines };
    },

    async action(call, services) {
      const context = contextOf(call, services);
      return { value: await run("action", call, context), logLines: context.logLines };
    },
  };
}

interface Noted {
  readonly noted: Set<string>;
}
