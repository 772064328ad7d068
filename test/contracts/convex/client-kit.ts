import { ConvexClient, type ConvexClientOptions, ConvexHttpClient } from "convex/browser";
import { type FunctionReference, makeFunctionReference } from "convex/server";
import { vi } from "vitest";

type Args = Record<string, unknown>;
// The suite calls functions by name and checks what comes back, so their types may be loose.

type Loose<Kind extends "query" | "mutation" | "action"> = FunctionReference<Kind, "public", Args>;

export const query = (path: string): Loose<"query"> => makeFunctionReference<"query", Args>(path);
export const mutation = (path: string): Loose<"mutation"> => makeFunctionReference<"mutation", Args>(path);
export const action = (path: string): Loose<"action"> => makeFunctionReference<"action", Args>(path);

/** Waits for what must become true; fails with the assertion that does not. */
export const eventually = (assertion: () => void | Promise<void>, timeoutMs = 8000): Promise<void> =>
  vi.waitFor(assertion, { timeout: timeoutMs, interval: 5 });

/** One message of the server, as far as the suite looks into it. */
export interface Frame {
  readonly type: string;
  readonly modifications?: readonly { type: string; queryId: number; value?: unknown }[];
  readonly [field: string]: unknown;
}

/** Official clients of one test, closed together when it ends. */
export class Clients {
  private readonly open: ConvexClient[] = [];
  private readonly url: () => string;

  constructor(url: () => string) {
    this.url = url;
  }

  connect(options: ConvexClientOptions = {}): ConvexClient {
    const client = new ConvexClient(this.url(), { logger: false, ...options });
    this.open.push(client);
    return client;
  }

  http(auth?: string): ConvexHttpClient {
    return new ConvexHttpClient(this.url(), { logger: false, ...(auth === undefined ? {} : { auth }) });
  }

  /** A client whose incoming messages are kept. */
  recorded(): { client: ConvexClient; frames: Frame[] } {
    const frames: Frame[] = [];
    const Recording = class extends WebSocket {
      constructor(url: string | URL) {
        super(url);
        this.addEventListener("message", ({ data }) => frames.push(JSON.parse(String(data)) as Frame));
      }
    };
    return { client: this.connect({ webSocketConstructor: Recording }), frames };
  }

  async close(): Promise<void> {
    await Promise.all(this.open.splice(0).map((client) => client.close()));
  }
}

/** Every value and error a subscription brings. */
export function watch<T = unknown>(client: ConvexClient, path: string, args: Args = {}) {
  const values: T[] = [];
  const errors: Error[] = [];
  const subscription = client.onUpdate(
    query(path),
    args,
    (value: T) => values.push(value),
    (error) => errors.push(error),
  );
  return {
    values,
    errors,
    last: () => values.at(-1),
    current: () => subscription.getCurrentValue() as T,
    stop: () => subscription.unsubscribe(),
  };
}

interface Internals {
  readonly webSocketManager: { tryReconnectImmediately(): void; serverInactivityThreshold: number };
}

/** Parts of the client that are private; the suite saves itself the wait of a backoff with them. */
export const internals = (client: ConvexClient) => (client.client as unknown as Internals).webSocketManager;

/** Waits for the client to be back, without the backoff. */
export const reconnected = (client: ConvexClient): Promise<void> =>
  eventually(() => {
    internals(client).tryReconnectImmediately();
    if (!client.connectionState().isWebSocketConnected) throw new Error("not connected yet");
  });

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
