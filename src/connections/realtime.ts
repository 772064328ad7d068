import type { ConvexConnection, FunctionRequest } from "../clients/convex/convex-connection.js";
import type { Link, Sink, Unsubscribe } from "../contract/connection.js";
import { toFailure } from "../core/failure.js";

/** Where a server answers and with what. */
export interface Endpoint {
  readonly url: string;
  readonly token: string;
}

/** `isAsked`: a person has asked for it just now, so a server that was stopped on purpose may be started. */
export type Locate = (how: { readonly isAsked: boolean }) => Promise<Endpoint>;

export interface RealtimeOptions {
  readonly open: (endpoint: Endpoint) => ConvexConnection;
  /** Finds the server anew. Rejects with FailureError, whose message is then the link's reason. */
  readonly locate: Locate;
  readonly first: Endpoint;
}

interface Watching {
  start(convex: ConvexConnection): void;
  stop(): void;
}

/** How long a link may be lost before the server is looked for: a short cut mends itself. */
const patienceMs = 700;
const locateEveryMs = { first: 1_000, last: 15_000 };

/**
 * One realtime connection that outlives its server. While the link is lost the server is looked for again and again; when it
 * answers at another address (a restarted lab has a new port), everything that was watched goes on there.
 */
export class Realtime {
  private readonly options: RealtimeOptions;
  private readonly watches = new Set<Watching>();
  private readonly linkWatchers = new Set<(link: Link) => void>();
  private endpoint: Endpoint;
  private convex: ConvexConnection;
  private unwatchLink: Unsubscribe;
  private link: Link;
  /** Why the server could not be found, while it could not. */
  private reason: string | null = null;
  private search: NodeJS.Timeout | undefined;
  private searches = 0;
  private isLocating = false;
  private isClosed = false;

  constructor(options: RealtimeOptions) {
    this.options = options;
    this.endpoint = options.first;
    this.link = { state: "connecting", since: Date.now(), detail: new URL(options.first.url).host };
    this.convex = options.open(options.first);
    this.unwatchLink = this.convex.watchLink((link) => this.take(link));
  }

  watch<T>(request: FunctionRequest<T>, sink: Sink<T>): Unsubscribe {
    let unsubscribe: Unsubscribe = () => undefined;
    const watching: Watching = {
      start: (convex) => (unsubscribe = convex.watch(request, sink)),
      stop: () => unsubscribe(),
    };
    this.watches.add(watching);
    watching.start(this.convex);
    return () => {
      this.watches.delete(watching);
      watching.stop();
    };
  }

  query<T>(request: FunctionRequest<T>): Promise<T> {
    return this.convex.query(request);
  }

  watchLink(next: (link: Link) => void): Unsubscribe {
    this.linkWatchers.add(next);
    next(this.link);
    return () => this.linkWatchers.delete(next);
  }

  retryNow(): void {
    this.convex.retryNow();
    this.searches = 0;
    void this.locate(true);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.search);
    this.linkWatchers.clear();
    this.unwatchLink();
    await this.convex.close();
  }

  private take(link: Link): void {
    if (link.state === "live") {
      this.reason = null;
      this.searches = 0;
      clearTimeout(this.search);
      this.search = undefined;
    } else if (link.state === "lost") {
      this.search ??= setTimeout(() => void this.locate(), patienceMs);
    }
    this.link = link;
    this.tell();
  }

  private tell(): void {
    const { link, reason } = this;
    const told = link.state === "lost" && reason !== null ? { ...link, reason } : link;
    for (const next of this.linkWatchers) next(told);
  }

  private async locate(isAsked = false): Promise<void> {
    if (this.isLocating || this.isClosed || this.link.state === "live") return;
    this.isLocating = true;
    clearTimeout(this.search);
    try {
      const found = await this.options.locate({ isAsked });
      this.reason = null;
      if (found.url !== this.endpoint.url || found.token !== this.endpoint.token) this.move(found);
      else this.convex.retryNow();
    } catch (error) {
      this.reason = toFailure(error).message;
      this.tell();
    } finally {
      this.isLocating = false;
      if (!this.hasNoNeed()) this.searchLater();
    }
  }

  /** Asked after a wait: the link may have come back, or the room be gone. */
  private hasNoNeed(): boolean {
    return this.isClosed || this.link.state === "live";
  }

  private searchLater(): void {
    const waitMs = Math.min(locateEveryMs.last, locateEveryMs.first * 2 ** this.searches++);
    this.search = setTimeout(() => void this.locate(), waitMs);
  }

  private move(to: Endpoint): void {
    this.endpoint = to;
    const since = this.link.since;
    const old = this.convex;
    this.unwatchLink();
    for (const watching of this.watches) watching.stop();
    this.convex = this.options.open(to);
    // Until the new one is live the link is as lost as it was.
    this.unwatchLink = this.convex.watchLink((link) =>
      this.take(
        link.state === "connecting" ? { state: "lost", since, attempt: 1, retryAt: null, reason: link.detail } : link,
      ),
    );
    for (const watching of this.watches) watching.start(this.convex);
    void old.close();
  }
}
