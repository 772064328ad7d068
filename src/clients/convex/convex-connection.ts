import { ConvexClient } from "convex/browser";
import { makeFunctionReference } from "convex/server";
import type { Value } from "convex/values";
import { z } from "zod";
import type { Link, Sink, Unsubscribe } from "../../contract/connection.js";
import { type Clock, systemClock } from "../../core/clock.js";
import { type Failure, FailureError } from "../../core/failure.js";
import { isTerminated, reconnectNow, scheduledReconnect } from "./client-internals.js";
import { convexFailure } from "./convex-failure.js";
import { LinkTracker } from "./link-tracker.js";
import { PendingCalls } from "./pending-calls.js";
import { safeWebSocket } from "./safe-websocket.js";

/** One call of a Convex function, and the shape its result must have. */
export interface FunctionRequest<T> {
  /** `module:export`. */
  readonly path: string;
  /** Convex values; fields that are undefined are left out. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly schema: z.ZodType<T>;
}

export interface ConvexConnectionOptions {
  /** `http(s)://host[:port][/path]`. */
  readonly url: string;
  /** The bearer token, opaque or JWT. */
  readonly token?: string | null;
  /** Instead of `token`: asked again whenever the server refuses the last one; null goes on as nobody. */
  readonly fetchToken?: () => Promise<string | null>;
  readonly clock?: Clock;
  /** The client or a sink threw; the connection goes on. */
  readonly onCrash?: (error: unknown) => void;
  /** How long a one-shot query may take, the wait for a connection included. */
  readonly queryTimeoutMs?: number;
}

/** A live link to a Convex backend: the lab's, or Hubify's. It outlives every loss of the line; promises reject with FailureError. */
export interface ConvexConnection {
  /** Every new result. A failure is told, and watching goes on. */
  watch<T>(request: FunctionRequest<T>, sink: Sink<T>): Unsubscribe;
  query<T>(request: FunctionRequest<T>): Promise<T>;
  /** Resolves when the change is visible to every watcher here. While the link is lost it waits, and is then applied once. */
  mutation<T>(request: FunctionRequest<T>): Promise<T>;
  /** Tells the present link at once, then every change. */
  watchLink(next: (link: Link) => void): Unsubscribe;
  /** Tries at once, with a fresh token where the last was refused. */
  retryNow(): void;
  close(): Promise<void>;
}

const defaultQueryTimeoutMs = 30_000;
/** A server that ended the client for good (FatalError) is tried again after this long. */
const renewMs = 10_000;
const closed: Failure = { kind: "aborted", message: "the connection was closed" };

/** Connects at once and goes on trying for ever; {@link ConvexConnection.watchLink} says how it stands. */
export function openConvexConnection(options: ConvexConnectionOptions): ConvexConnection {
  return new LiveConnection(options);
}

class LiveConnection implements ConvexConnection {
  private readonly options: ConvexConnectionOptions;
  private readonly url: string;
  private readonly link: LinkTracker;
  private readonly watches = new Set<Watch>();
  private readonly calls = new PendingCalls();
  private client: ConvexClient;
  private isTokenRefused = false;
  private isClosed = false;
  private renewal: NodeJS.Timeout | undefined;

  constructor(options: ConvexConnectionOptions) {
    this.options = options;
    this.url = options.url.replace(/\/+$/, "");
    this.link = new LinkTracker(options.clock ?? systemClock, new URL(this.url).host);
    this.client = this.open();
  }

  watch<T>(request: FunctionRequest<T>, sink: Sink<T>): Unsubscribe {
    const watch: Watch = {
      request,
      next: (value) =>
        this.guard(() => {
          const decoded = decode(request, value);
          if ("failure" in decoded) sink.fail(decoded.failure);
          else sink.next(decoded.value);
        }),
      fail: (error) => this.guard(() => sink.fail(convexFailure(error))),
      unsubscribe: () => undefined,
    };
    this.watches.add(watch);
    this.subscribe(watch);
    return () => {
      this.watches.delete(watch);
      watch.unsubscribe();
    };
  }

  query<T>(request: FunctionRequest<T>): Promise<T> {
    if (this.isClosed) return Promise.reject(new FailureError(closed));
    const ms = this.options.queryTimeoutMs ?? defaultQueryTimeoutMs;
    const message = `${request.path} had no answer for ${Math.round(ms / 1000)} s`;
    const call = this.client.query(queryReference(request.path), definedArgs(request));
    return this.calls.settle(call, (value) => decodeOrThrow(request, value), {
      ms,
      failure: { kind: "timeout", message },
    });
  }

  mutation<T>(request: FunctionRequest<T>): Promise<T> {
    if (this.isClosed) return Promise.reject(new FailureError(closed));
    const call = this.client.mutation(mutationReference(request.path), definedArgs(request));
    return this.calls.settle(call, (value) => decodeOrThrow(request, value), null);
  }

  watchLink(next: (link: Link) => void): Unsubscribe {
    return this.link.watch(next);
  }

  retryNow(): void {
    if (this.isClosed) return;
    if (isTerminated(this.client)) this.renew();
    else if (this.isTokenRefused) this.signIn(this.client);
    else reconnectNow(this.client);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.renewal);
    this.watches.clear();
    this.calls.failAll(closed);
    await this.client.close();
  }

  private open(): ConvexClient {
    const webSocketConstructor = safeWebSocket({
      onMessage: () => this.link.onMessage(),
      onClose: (reason) => this.link.onClose(reason),
      onCrash: (error) => this.onCrash(error),
    });
    const client = new ConvexClient(this.url, { logger: false, unsavedChangesWarning: false, webSocketConstructor });
    client.subscribeToConnectionState(() => this.updateLink());
    this.signIn(client);
    return client;
  }

  private signIn(client: ConvexClient): void {
    this.isTokenRefused = false;
    const { token = null, fetchToken = token === null ? null : async () => Promise.resolve(token) } = this.options;
    if (fetchToken === null) return;
    client.setAuth(
      () => fetchToken().catch(() => null),
      (isAuthenticated) => (this.isTokenRefused = !isAuthenticated),
    );
  }

  private subscribe(watch: Watch): void {
    const { request } = watch;
    watch.unsubscribe = this.client.onUpdate(
      queryReference(request.path),
      definedArgs(request),
      (value) => watch.next(value),
      (error) => watch.fail(error),
    );
  }

  private updateLink(): void {
    if (this.isClosed) return;
    const { isWebSocketConnected, connectionRetries } = this.client.connectionState();
    const retries = isTerminated(this.client) ? Math.max(1, connectionRetries) : connectionRetries;
    this.link.update({ isConnected: isWebSocketConnected, retries, wait: scheduledReconnect(this.client) });
  }

  private onCrash(error: unknown): void {
    this.options.onCrash?.(error);
    if (this.isClosed) return;
    this.link.onClose(error instanceof Error ? error.message : String(error));
    if (!isTerminated(this.client)) return;
    this.updateLink();
    this.renewal ??= setTimeout(() => this.renew(), renewMs).unref();
  }

  /** A new client in place of one that has ended, with everything that was watched. */
  private renew(): void {
    clearTimeout(this.renewal);
    this.renewal = undefined;
    void this.client.close();
    this.client = this.open();
    for (const watch of this.watches) this.subscribe(watch);
  }

  /** A sink that throws must not look like a broken server to the client. */
  private guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.options.onCrash?.(error);
    }
  }
}

interface Watch {
  readonly request: FunctionRequest<unknown>;
  next(value: unknown): void;
  fail(error: Error): void;
  unsubscribe: Unsubscribe;
}

const queryReference = (path: string) => makeFunctionReference<"query", Record<string, Value>, unknown>(path);
const mutationReference = (path: string) => makeFunctionReference<"mutation", Record<string, Value>, unknown>(path);

function definedArgs({ args }: FunctionRequest<unknown>): Record<string, Value> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) as Record<string, Value>;
}

function decode<T>({ path, schema }: FunctionRequest<T>, value: unknown): { value: T } | { failure: Failure } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const message = `${path} answered in a shape this version does not know: ${z.prettifyError(parsed.error)}`;
  return { failure: { kind: "decode", message } };
}

function decodeOrThrow<T>(request: FunctionRequest<T>, value: unknown): T {
  const decoded = decode(request, value);
  if ("failure" in decoded) throw new FailureError(decoded.failure);
  return decoded.value;
}
