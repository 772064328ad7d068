import type { WebSocket } from "ws";
import type { AuthToken, Backend, Identity } from "./backend.js";
import { CallQueue } from "./call-queue.js";
import { chunkTransition } from "./chunking.js";
import { Inbox } from "./inbox.js";
import type { SyncOptions } from "./options.js";
import { Outbox } from "./outbox.js";
import * as protocol from "./protocol.js";
import { initialVersion, parseClientMessage, type StateVersion } from "./protocol.js";
import type { QueryCache, Subscriber } from "./query-cache.js";
import { QuerySet, type QuerySetSnapshot } from "./query-set.js";
import { callAt } from "./timer.js";
import type { Plan, Receiver, TransitionPump } from "./transition-pump.js";
import { decodeU64 } from "./u64.js";

export interface SessionParts {
  readonly backend: Backend;
  readonly cache: QueryCache;
  readonly pump: TransitionPump;
  readonly options: SyncOptions;
  /** Called once, when the connection is over. */
  readonly onEnd: () => void;
}

/** A full socket is looked at again after this long. */
const bufferRetryMs = 20;
/** Changes of its query set that a client has not been told of, because it reads too slowly. */
const mostUntold = 20_000;
/** A ts that a client says to have seen, further ahead than this, is no older life of this lab. */
const maxLeadNs = 24n * 3_600_000_000_000n;

/** RFC 6455 and its registry: the client may come back when it is calmer. */
const tryAgainLaterCode = 1013;

/**
 * One connection of a client.
 *
 * Three marks say where it stands: `sent` is what the client has by our Transitions, `wanted` the versions it asked for since, and
 * `owedTs` a ts that a Transition has yet to reach, because a mutation was answered with it. A Transition goes out when results
 * changed, a version moved or one is owed, and starts where the last one ended. Client messages are handled strictly in order;
 * mutations and actions run in their own queue, so that nothing waits for them.
 */
export class Session implements Receiver, Subscriber {
  transitions = 0;

  private readonly socket: WebSocket;
  private readonly parts: SessionParts;
  private readonly queries: QuerySet;
  private readonly calls: CallQueue;
  private readonly inbox: Inbox;
  private readonly outbox: Outbox;
  private isConnected = false;
  private isOver = false;

  private identity: Identity | null = null;
  private token: AuthToken | null = null;
  private sent: StateVersion = initialVersion;
  private wanted = { querySet: 0, identity: 0 };
  private owedTs: bigint | null = null;
  private clockSkewMs: number | null = null;

  private lastTransitionAt = 0;
  private updateTimer: NodeJS.Timeout | null = null;
  private cancelExpiry: () => void = () => undefined;

  constructor(socket: WebSocket, parts: SessionParts) {
    this.socket = socket;
    this.parts = parts;
    this.queries = new QuerySet(parts.cache, this, {
      maxSize: parts.options.maxSubscriptions,
      admit: (path, identity) => parts.backend.admit?.("query", { path, identity }),
      onFlood: () => this.close(tryAgainLaterCode, "TooManySubscriptions: hundreds in a row were refused"),
    });
    this.calls = new CallQueue(parts.backend, parts.options, {
      send: (message) => this.outbox.answer(message),
      onMutation: (ts) => this.owe(ts),
    });
    // There is no saying goodbye to who reads nothing.
    this.outbox = new Outbox(socket, parts.options, () => this.terminate());
    this.inbox = new Inbox(socket, parts.options.maxPayloadBytes, {
      receive: (text) => this.receive(text),
      onBinary: () => this.fault("messages are text, not binary"),
      onError: (error) => this.onReadError(error),
    });
    socket.on("close", () => this.end());
    // What breaks a socket also closes it, and the client comes back by itself.
    socket.on("error", () => undefined);
  }

  get lastSeenAt(): number {
    return this.inbox.lastSeenAt;
  }

  get subscriptions(): number {
    return this.queries.size;
  }

  get isMutating(): boolean {
    return this.calls.isMutating;
  }

  /** Says goodbye. The client reconnects by itself: a reason that starts with one of Convex's error names sets how soon. */
  close(code: number, reason: string): void {
    this.end();
    this.socket.close(code, reason);
  }

  /** Without a goodbye, for a peer that is gone. */
  terminate(): void {
    this.end();
    this.socket.terminate();
  }

  ping(): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  /** Tokens may have changed their meaning: asks again who this is, after what it has said so far. */
  recheck(): void {
    this.inbox.after(() => this.identify());
  }

  onStale(): void {
    this.updateIn(this.lastTransitionAt + this.parts.options.minTransitionGapMs - Date.now());
  }

  plan(): Plan | null {
    if (this.isOver) return null;
    if (this.outbox.bufferedBytes > this.parts.options.maxBufferedBytes) {
      this.updateIn(bufferRetryMs);
      return null;
    }
    const wanted = this.wanted;
    const snapshot = this.queries.snapshot();
    return { queries: snapshot.queries, send: (ts) => this.sendTransition({ ...wanted, ts }, snapshot) };
  }

  onReadError(error: unknown): void {
    this.parts.options.onError(error);
    this.close(1011, "InternalServerError: the lab could not read its data");
  }

  private async receive(text: string): Promise<void> {
    if (this.isOver) return;
    const parsed = parseClientMessage(text);
    if ("fault" in parsed) this.fault(parsed.fault);
    else if (this.isConnected === (parsed.message.type === "Connect")) this.fault("Connect must come first, and once");
    else await this.obey(parsed.message);
  }

  private async obey(message: protocol.ClientMessage): Promise<void> {
    switch (message.type) {
      case "Connect":
        this.connect(message);
        break;
      case "ModifyQuerySet":
        this.modifyQuerySet(message);
        break;
      case "Authenticate":
        await this.authenticate(message);
        break;
      case "Mutation":
      case "Action":
        this.call(message);
        break;
      case "Event":
        break;
    }
  }

  private connect(message: protocol.Connect): void {
    this.isConnected = true;
    this.calls.sessionId = message.sessionId;
    const now = Date.now();
    this.clockSkewMs = message.clientTs === undefined ? null : message.clientTs - now;
    const seenTs = message.maxObservedTimestamp === undefined ? null : decodeU64(message.maxObservedTimestamp);
    if (seenTs !== null && seenTs < BigInt(now) * 1_000_000n + maxLeadNs) {
      this.parts.backend.observeTs(seenTs);
      this.parts.pump.announce(seenTs);
    }
  }

  private modifyQuerySet({ baseVersion, newVersion, modifications }: protocol.ModifyQuerySet): void {
    if (baseVersion !== this.wanted.querySet || newVersion !== baseVersion + 1) {
      this.fault(`ModifyQuerySet ${baseVersion} to ${newVersion}, but the query set is at ${this.wanted.querySet}`);
      return;
    }
    this.queries.modify(modifications, this.identity);
    if (this.isOver) {
      this.queries.clear();
      return;
    }
    if (this.queries.untold > mostUntold) {
      this.close(tryAgainLaterCode, `TooManyQueries: ${this.queries.untold} changes wait to be read`);
      return;
    }
    this.wanted = { ...this.wanted, querySet: newVersion };
    this.updateNow();
  }

  private async authenticate(message: protocol.Authenticate): Promise<void> {
    const { baseVersion } = message;
    if (baseVersion !== this.wanted.identity) {
      this.fault(`Authenticate from ${baseVersion}, but the identity is at ${this.wanted.identity}`);
      return;
    }
    try {
      this.token = tokenOf(message);
      this.identity = await this.parts.backend.authenticate(this.token);
    } catch (error) {
      this.refuseAuth(error instanceof Error ? error.message : String(error), baseVersion, true);
      return;
    }
    if (this.isOver) return;
    this.wanted = { ...this.wanted, identity: baseVersion + 1 };
    this.queries.changeIdentity(this.identity);
    this.expireAt(this.identity?.expiresAt);
    this.updateNow();
  }

  private async identify(): Promise<void> {
    if (this.isOver || this.token === null) return;
    let identity: Identity | null;
    try {
      identity = await this.parts.backend.authenticate(this.token);
    } catch (error) {
      this.refuseAuth(error instanceof Error ? error.message : String(error), this.wanted.identity, false);
      return;
    }
    if (JSON.stringify(identity) === JSON.stringify(this.identity)) return;
    this.identity = identity;
    this.queries.changeIdentity(identity);
    this.expireAt(identity?.expiresAt);
    this.updateNow();
  }

  private expireAt(expiresAt: number | undefined): void {
    this.cancelExpiry();
    if (expiresAt === undefined) return;
    this.cancelExpiry = callAt(expiresAt, () => this.refuseAuth("Token expired", this.wanted.identity, false));
  }

  /** The client fetches a new token and comes back. */
  private refuseAuth(error: string, baseVersion: number, authUpdateAttempted: boolean): void {
    if (this.isOver) return;
    this.outbox.send(protocol.authError(error, baseVersion, authUpdateAttempted));
    this.close(1008, "Unauthenticated");
  }

  private call(message: protocol.MutationRequest | protocol.ActionRequest): void {
    if (this.calls.add(message, this.identity)) return;
    this.close(
      tryAgainLaterCode,
      `TooManyConcurrentRequests: ${this.parts.options.maxPendingCalls} calls wait already`,
    );
  }

  private owe(ts: bigint): void {
    if (this.owedTs === null || ts > this.owedTs) this.owedTs = ts;
    this.parts.pump.announce(ts);
    this.updateNow();
  }

  private updateNow(): void {
    if (!this.isOver) this.parts.pump.request(this);
  }

  private updateIn(delayMs: number): void {
    if (delayMs <= 0) {
      this.updateNow();
      return;
    }
    this.updateTimer ??= setTimeout(() => {
      this.updateTimer = null;
      this.updateNow();
    }, delayMs).unref();
  }

  private sendTransition(to: StateVersion, snapshot: QuerySetSnapshot): void {
    if (this.isOver) return;
    const modifications = snapshot.takeModifications();
    const hasMoved = to.querySet !== this.sent.querySet || to.identity !== this.sent.identity;
    if (modifications.length === 0 && !hasMoved && this.owedTs === null) return;
    const from = this.sent;
    this.sent = { ...to, ts: to.ts > from.ts ? to.ts : from.ts };
    if (this.owedTs !== null && this.sent.ts >= this.owedTs) this.owedTs = null;
    const atMs = Date.now();
    const text = protocol.transition({ from, to: this.sent, modifications, clockSkewMs: this.clockSkewMs, atMs });
    for (const frame of chunkTransition(text, this.parts.options.chunkBytes)) this.outbox.send(frame);
    this.transitions++;
    this.lastTransitionAt = atMs;
  }

  /** The client broke the protocol; it stops for good, so never for a fault of ours. */
  private fault(error: string): void {
    if (this.isOver) return;
    this.outbox.send(protocol.fatalError(error));
    this.close(1002, "ProtocolError");
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.outbox.close();
    if (this.updateTimer !== null) clearTimeout(this.updateTimer);
    this.cancelExpiry();
    this.calls.close();
    this.queries.clear();
    this.parts.pump.drop(this);
    this.parts.onEnd();
  }
}

function tokenOf(message: protocol.Authenticate): AuthToken {
  return message.tokenType === "None" ? { type: "None" } : { type: message.tokenType, value: message.value };
}
