import type { NewPod, PodLogLine, StockRow } from "../../contract/pod.js";
import type { Balance, BilledHour, SeenPod } from "../../contract/provider.js";

export type { Balance, BilledHour, SeenPod } from "../../contract/provider.js";

/** What the dialogs say before something is done. */
export interface ProviderWords {
  /** What stopping keeps and gives up. */
  readonly stop: string;
  /** What terminating destroys: differs by provider. */
  readonly terminate: string;
}

/**
 * Where pods come from: RunPod, hosts of one's own over ssh. This machine is none: its pod is always there. Rejects with
 * FailureError and nothing else. Nothing here is repeated by itself that could cost money twice.
 */
export interface Provider {
  readonly name: string;
  readonly words: ProviderWords;
  /** True where pods cost money and can be made and destroyed. */
  readonly rents: boolean;
  list(signal?: AbortSignal): Promise<readonly SeenPod[]>;
  get(providerId: string): Promise<SeenPod | null>;
  /** An answer that was lost is resolved by looking for `name` before anything else is tried. */
  create(draft: NewPod & { readonly name: string }): Promise<SeenPod>;
  patch(providerId: string, changes: { name?: string; locked?: boolean }): Promise<SeenPod>;
  start(providerId: string): Promise<void>;
  stop(providerId: string): Promise<void>;
  restart(providerId: string): Promise<void>;
  terminate(providerId: string): Promise<void>;
  followLog(
    providerId: string,
    options: { source?: string | undefined; tail: number; after?: string | undefined; signal: AbortSignal },
  ): AsyncIterable<readonly PodLogLine[]>;
  stock(): Promise<readonly StockRow[]>;
  billing(sinceMs: number): Promise<readonly BilledHour[]>;
  balance(): Promise<Balance>;
  close(): Promise<void>;
}
