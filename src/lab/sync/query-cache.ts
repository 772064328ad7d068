import { type Answer, failedAnswer, toAnswer } from "./answer.js";
import type { Commit, Identity, QueryCall, Reader } from "./backend.js";
import { canonicalPath, decodeArgs, refuseComponent } from "./call.js";
import type { AddQuery } from "./protocol.js";

/** Told when a query it holds has to run again. */
export interface Subscriber {
  onStale(): void;
}

/**
 * One query that somebody watches: however many connections ask the same question as the same identity, it runs once and its result is
 * written as JSON once. Kept as long as it has subscribers.
 */
export interface WatchedQuery {
  readonly key: string;
  readonly call: Omit<QueryCall, "journal"> | null;
  readonly subscribers: Set<Subscriber>;
  /** The journal it was asked with; a re-run goes with the journal of its last answer. */
  readonly firstJournal: string | null;
  answer: Answer | null;
  /** ts of the state the answer was read from. */
  answeredAt: bigint;
  /** True while there is no answer, or a commit after it touched what it read. */
  stale: boolean;
  topics: readonly string[];
}

interface CacheOptions {
  readonly redactErrors: boolean;
  readonly maxArgsBytes: number;
}

/** The shared results of all connections, and which commit makes which of them stale. */
export class QueryCache {
  /** How often a query function was run, since the start. */
  runs = 0;
  private readonly byKey = new Map<string, WatchedQuery>();
  private readonly byTopic = new Map<string, Set<WatchedQuery>>();
  /** Newest commit of each topic announced while a read is going on: its results may be older than that. */
  private readonly touchedDuringRead = new Map<string, bigint>();
  private reading = false;
  private readonly options: CacheOptions;

  constructor(options: CacheOptions) {
    this.options = options;
  }

  get size(): number {
    return this.byKey.size;
  }

  /** Subscribes to the query a client adds; shares an equal one that is there. Arguments no function can take make a failed query. */
  subscribe(subscriber: Subscriber, add: AddQuery, identity: Identity | null): WatchedQuery {
    const journal = add.journal ?? null;
    const key = JSON.stringify([identityKey(identity), add.componentPath ?? "", add.udfPath, add.args, journal]);
    let query = this.byKey.get(key);
    if (query === undefined) {
      query = this.watch(key, add, identity);
      this.byKey.set(key, query);
    }
    query.subscribers.add(subscriber);
    return query;
  }

  /** A query that is answered with a refusal, and never runs. */
  refuse(error: unknown): WatchedQuery {
    return this.failed("", error);
  }

  unsubscribe(subscriber: Subscriber, query: WatchedQuery): void {
    query.subscribers.delete(subscriber);
    if (query.subscribers.size > 0) return;
    if (this.byKey.get(query.key) === query) this.byKey.delete(query.key);
    this.setTopics(query, []);
  }

  /** Marks what the commit touched, and tells those who hold it. */
  commit({ topics, ts }: Commit): void {
    for (const topic of topics) {
      if (this.reading) this.touchedDuringRead.set(topic, ts);
      for (const query of this.byTopic.get(topic) ?? []) {
        if (ts > query.answeredAt) this.makeStale(query);
      }
    }
  }

  /** Call before the read begins, and {@link endRead} after its last query: commits in between are remembered. */
  beginRead(): void {
    this.reading = true;
  }

  endRead(): void {
    this.reading = false;
    this.touchedDuringRead.clear();
  }

  /** Runs the query on the reader's state. Its answer belongs to `reader.ts` even if a commit has made it stale meanwhile. */
  async refresh(query: WatchedQuery, reader: Reader): Promise<void> {
    const { call } = query;
    if (call === null) return;
    this.runs++;
    const journal = query.answer?.journal ?? query.firstJournal;
    const running = this.run({ ...call, journal }, reader);
    const result = running instanceof Promise ? await running.catch(asFailed) : running;
    const answer = toAnswer(result, this.options.redactErrors);
    query.answer = answer.hash === query.answer?.hash ? query.answer : answer;
    query.answeredAt = reader.ts;
    query.stale = false;
    this.setTopics(query, query.subscribers.size > 0 ? result.topics : []);
    if (query.topics.some((topic) => (this.touchedDuringRead.get(topic) ?? 0n) > reader.ts)) this.makeStale(query);
  }

  private run(call: QueryCall, reader: Reader) {
    try {
      return reader.query(call);
    } catch (error) {
      return asFailed(error);
    }
  }

  private watch(key: string, add: AddQuery, identity: Identity | null): WatchedQuery {
    try {
      refuseComponent(add.udfPath, add.componentPath);
      const args = decodeArgs(add.args, this.options.maxArgsBytes);
      const call = { path: canonicalPath(add.udfPath), args, identity };
      return { ...unanswered, key, call, firstJournal: add.journal ?? null, subscribers: new Set() };
    } catch (error) {
      return this.failed(key, error);
    }
  }

  private failed(key: string, error: unknown): WatchedQuery {
    const answer = failedAnswer(error, { redact: this.options.redactErrors });
    return { ...unanswered, key, answer, stale: false, subscribers: new Set() };
  }

  private makeStale(query: WatchedQuery): void {
    if (query.stale) return;
    query.stale = true;
    // A journal has pinned the end of its page: who asks anew wants a page of its own.
    const isPinned = (query.answer?.journal ?? query.firstJournal) !== query.firstJournal;
    if (isPinned && this.byKey.get(query.key) === query) this.byKey.delete(query.key);
    for (const subscriber of query.subscribers) subscriber.onStale();
  }

  private setTopics(query: WatchedQuery, topics: readonly string[]): void {
    for (const topic of query.topics) {
      const readers = this.byTopic.get(topic);
      readers?.delete(query);
      if (readers?.size === 0) this.byTopic.delete(topic);
    }
    for (const topic of topics) {
      const readers = this.byTopic.get(topic);
      if (readers === undefined) this.byTopic.set(topic, new Set([query]));
      else readers.add(query);
    }
    query.topics = topics;
  }
}

const unanswered = { call: null, answer: null, answeredAt: 0n, stale: true, topics: [], firstJournal: null };

const asFailed = (error: unknown) => ({ error, topics: [] });

/** Equal for identities that see the same. A renewed token of the same person changes nothing but its expiry. */
function identityKey(identity: Identity | null): string {
  return identity === null ? "" : JSON.stringify([identity.subject, identity.claims ?? null]);
}
