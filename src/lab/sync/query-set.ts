import { CallError, type Identity } from "./backend.js";
import { type ModifyQuerySet, queryChanged, queryRemoved } from "./protocol.js";
import type { QueryCache, Subscriber, WatchedQuery } from "./query-cache.js";

type Modification = ModifyQuerySet["modifications"][number];
type Add = Extract<Modification, { type: "Add" }>;

interface Subscription {
  readonly add: Add;
  query: WatchedQuery;
  /** Of the answer the client holds; null before the first. */
  sentHash: string | null;
}

export interface QuerySetLimits {
  /** Queries at once. */
  readonly maxSize: number;
  /** Counts one that is added; throws what the client is told when it asks too much. */
  readonly admit: (path: string, identity: Identity | null) => void;
  /** The client asks on although everything is refused: whoever means well waits. */
  readonly onFlood: () => void;
}

/** Queries refused in a row, after which a client is shown out: each costs an answer, and thousands of them everybody's time. */
const maxRefused = 500;

/** The queries of one client as they stood at one moment. */
export interface QuerySetSnapshot {
  readonly queries: readonly WatchedQuery[];
  /** What the client does not know yet, as modifications; they count as sent. */
  takeModifications(): string[];
}

/** The queries one client watches, and which answer of each it holds. */
export class QuerySet {
  private readonly subscriptions = new Map<number, Subscription>();
  private readonly removed = new Set<number>();
  private readonly cache: QueryCache;
  private readonly subscriber: Subscriber;
  private readonly limits: QuerySetLimits;
  private refusedInRow = 0;

  constructor(cache: QueryCache, subscriber: Subscriber, limits: QuerySetLimits) {
    this.cache = cache;
    this.subscriber = subscriber;
    this.limits = limits;
  }

  get size(): number {
    return this.subscriptions.size;
  }

  /** What the client has yet to be told. */
  get untold(): number {
    return this.removed.size + Math.max(0, this.subscriptions.size - this.limits.maxSize);
  }

  modify(modifications: readonly Modification[], identity: Identity | null): void {
    for (const modification of modifications) {
      if (this.refusedInRow >= maxRefused) return;
      this.forget(modification.queryId);
      if (modification.type === "Remove") this.removed.add(modification.queryId);
      else {
        const query = this.subscribe(modification, identity);
        this.subscriptions.set(modification.queryId, { add: modification, query, sentHash: null });
      }
    }
  }

  /** Asks every query again as somebody else. */
  changeIdentity(identity: Identity | null): void {
    for (const subscription of this.subscriptions.values()) {
      const old = subscription.query;
      if (old.call === null) continue;
      subscription.query = this.cache.subscribe(this.subscriber, subscription.add, identity);
      if (subscription.query !== old) this.cache.unsubscribe(this.subscriber, old);
    }
  }

  snapshot(): QuerySetSnapshot {
    const held = [...this.subscriptions].map(([id, subscription]) => ({ id, subscription, query: subscription.query }));
    const removed = [...this.removed];
    return {
      queries: held.map(({ query }) => query),
      takeModifications: () => {
        const modifications = removed.filter((id) => this.removed.delete(id)).map(queryRemoved);
        for (const { id, subscription, query } of held) {
          if (query.answer === null || query.answer.hash === subscription.sentHash) continue;
          subscription.sentHash = query.answer.hash;
          modifications.push(queryChanged(id, query.answer));
          if (query.call === null) this.forget(id); // refused once and for all: it takes no place
        }
        return modifications;
      },
    };
  }

  clear(): void {
    for (const id of [...this.subscriptions.keys()]) this.forget(id);
  }

  private subscribe(add: Add, identity: Identity | null): WatchedQuery {
    const { maxSize, admit } = this.limits;
    if (this.subscriptions.size >= maxSize) {
      return this.refuse(new CallError(`TooManySubscriptions: a connection may watch ${maxSize} queries`));
    }
    try {
      admit(add.udfPath, identity);
    } catch (error) {
      return this.refuse(error);
    }
    this.refusedInRow = 0;
    return this.cache.subscribe(this.subscriber, add, identity);
  }

  private refuse(error: unknown): WatchedQuery {
    this.refusedInRow++;
    if (this.refusedInRow === maxRefused) this.limits.onFlood();
    return this.cache.refuse(error);
  }

  private forget(id: number): void {
    const subscription = this.subscriptions.get(id);
    if (subscription === undefined) return;
    this.subscriptions.delete(id);
    // One that was refused runs for nobody. There may be many of them, and looking for each among all took seconds.
    if (subscription.query.call === null) {
      this.cache.unsubscribe(this.subscriber, subscription.query);
      return;
    }
    const isHeldTwice = [...this.subscriptions.values()].some(({ query }) => query === subscription.query);
    if (!isHeldTwice) this.cache.unsubscribe(this.subscriber, subscription.query);
  }
}
