import type { Link, Unsubscribe } from "../../contract/connection.js";
import type { Clock } from "../../core/clock.js";

/** What the client says of its connection right now. */
export interface ClientState {
  readonly isConnected: boolean;
  /** Failed tries since the last good one. */
  readonly retries: number;
  /** The wait before the next try; null while a try is going on, or when it is not known. */
  readonly wait: { readonly id: unknown; readonly backoffMs: number } | null;
}

/** Turns what client and sockets report into one {@link Link}, and tells it to whoever watches, once per change. */
export class LinkTracker {
  private link: Link;
  private lastMessageAt: number | null = null;
  private reason = "";
  private retry: { id: unknown; at: number } | null = null;
  private readonly startedAt: number;
  private readonly clock: Clock;
  private readonly target: string;
  private readonly watchers = new Set<(link: Link) => void>();

  constructor(clock: Clock, target: string) {
    this.clock = clock;
    this.target = target;
    this.startedAt = clock.now();
    this.link = { state: "connecting", since: this.startedAt, detail: target };
  }

  /** `next` gets the present link at once. */
  watch(next: (link: Link) => void): Unsubscribe {
    this.watchers.add(next);
    next(this.link);
    return () => this.watchers.delete(next);
  }

  onMessage(): void {
    this.lastMessageAt = this.clock.now();
  }

  onClose(reason: string): void {
    this.reason = reason;
  }

  update(state: ClientState): void {
    const link = this.linkOf(state);
    if (JSON.stringify(link) === JSON.stringify(this.link)) return;
    this.link = link;
    for (const next of this.watchers) next(link);
  }

  private linkOf({ isConnected, retries, wait }: ClientState): Link {
    if (isConnected) {
      this.reason = "";
      return this.link.state === "live" ? this.link : { state: "live", since: this.clock.now() };
    }
    if (this.link.state === "connecting" && retries === 0) return this.link;
    if (wait === null) this.retry = null;
    else if (this.retry?.id !== wait.id) this.retry = { id: wait.id, at: this.clock.now() + wait.backoffMs };
    return {
      state: "lost",
      since: this.lastMessageAt ?? this.startedAt,
      attempt: Math.max(1, retries),
      retryAt: this.retry === null ? null : Math.round(this.retry.at),
      reason: this.reason === "" ? `no answer from ${this.target}` : `${this.target}: ${this.reason}`,
    };
  }
}
