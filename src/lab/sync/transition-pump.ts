import type { Backend, Reader } from "./backend.js";
import type { QueryCache, WatchedQuery } from "./query-cache.js";

/** What one connection wants to be told next, fixed at the moment the state is read. */
export interface Plan {
  readonly queries: Iterable<WatchedQuery>;
  /** Called when every query of the plan has an answer of one and the same state. */
  send(ts: bigint): void;
}

/** A connection, as the pump sees it. */
export interface Receiver {
  /** Null when there is nothing to tell any more. */
  plan(): Plan | null;
  /** True while a mutation of its own runs, whose response should go out before its effect. */
  readonly isMutating: boolean;
  /** The lab could not read: the connection can't go on. */
  onReadError(error: unknown): void;
}

/**
 * Brings connections up to date, many at a time: the stale queries of all that wait run in one `backend.read`, so that every
 * Transition is a picture of one ts and a query shared by many runs once. One read at a time.
 */
export class TransitionPump {
  private readonly backend: Backend;
  private readonly cache: QueryCache;
  private waiting = new Set<Receiver>();
  private isRunning = false;
  /** ts of the newest commit heard of. */
  private announcedTs: bigint;

  constructor(backend: Backend, cache: QueryCache) {
    this.backend = backend;
    this.cache = cache;
    this.announcedTs = backend.latestTs();
  }

  announce(ts: bigint): void {
    if (ts > this.announcedTs) this.announcedTs = ts;
  }

  /** Asks for an update of this connection; what is asked for in one turn of the event loop is done together. */
  request(receiver: Receiver): void {
    this.waiting.add(receiver);
    if (this.isRunning) return;
    this.isRunning = true;
    setImmediate(() => void this.run());
  }

  drop(receiver: Receiver): void {
    this.waiting.delete(receiver);
  }

  private async run(): Promise<void> {
    while (this.waiting.size > 0) {
      const receivers = [...this.waiting];
      this.waiting = new Set();
      try {
        if (!this.sendKnown(receivers)) await this.readAndSend(receivers);
      } catch (error) {
        for (const receiver of receivers) receiver.onReadError(error);
      }
      await nextTurn();
    }
    this.isRunning = false;
  }

  /** Without a read, where every answer still holds. False when one does not. */
  private sendKnown(receivers: readonly Receiver[]): boolean {
    const plans = plansOf(receivers);
    if (plans.some(({ queries }) => staleOf(queries).length > 0)) return false;
    for (const plan of plans) plan.send(this.announcedTs);
    return true;
  }

  private async readAndSend(receivers: readonly Receiver[]): Promise<void> {
    this.cache.beginRead();
    try {
      const { plans, ts } = await this.backend.read((reader) => this.runPlans(receivers, reader));
      // A commit in sight of this read may have been made by one of these connections: its response goes first.
      if (receivers.some(({ isMutating }) => isMutating)) await nextTurn();
      for (const plan of plans) plan.send(ts);
    } finally {
      this.cache.endRead();
    }
  }

  private async runPlans(receivers: readonly Receiver[], reader: Reader): Promise<{ plans: Plan[]; ts: bigint }> {
    // A state newer than the last commit we heard of: its announcement is on its way, and tells what is stale.
    if (reader.ts > this.announcedTs) await nextTurn();
    this.announce(reader.ts);
    const plans = plansOf(receivers);
    for (const plan of plans) {
      for (const query of staleOf(plan.queries)) {
        // One that was answered from this very state holds for it, whatever has come since.
        if (query.answer === null || query.answeredAt < reader.ts) await this.cache.refresh(query, reader);
      }
    }
    return { plans, ts: reader.ts };
  }
}

const plansOf = (receivers: readonly Receiver[]) =>
  receivers.map((receiver) => receiver.plan()).filter((plan) => plan !== null);

const staleOf = (queries: Iterable<WatchedQuery>) => [...queries].filter(({ stale }) => stale);

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
