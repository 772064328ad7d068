import type { NewPod, PodLogLine, StockRow } from "../../contract/pod.js";
import type { Balance, BilledHour, SeenPod } from "../../contract/provider.js";

export type { Balance, BilledHour, SeenPod } from "../../contract/provider.js";

export interface LogOptions {
  readonly source?: string | undefined;
  readonly tail: number;
  /** Id of the last line that was seen: what follows it. */
  readonly after?: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Where pods come from: RunPod, hosts of one's own over ssh. This machine is none: its pod is always there. Rejects with
 * FailureError and nothing else. Nothing here is repeated by itself that could cost money twice.
 */
export interface Provider {
  readonly name: string;
  /** As people write it: `RunPod`. */
  readonly label: string;
  /** True where pods cost money and can be made and destroyed. Else start and stop mean that a pod accepts work or drains. */
  readonly rents: boolean;
  /** Pause between two looks: this long, or longer where its rate limits ask for it. */
  paceMs(atLeastMs: number): number;
  /** Where the config says it; else one for each GPU. */
  slotsOf?(providerId: string): number;
  /** Key file that the config names; else the lab's own. */
  identityFileOf?(providerId: string): string | null;
  list(signal?: AbortSignal): Promise<readonly SeenPod[]>;
  get(providerId: string, signal?: AbortSignal): Promise<SeenPod | null>;
  /**
   * Makes one pod, by the first candidate that is to be had. An answer that was lost is resolved by looking for `name` before
   * anything else is tried; what can't be resolved rejects with kind `network` or `timeout`: it may or may not exist.
   */
  create(draft: NewPod & { readonly name: string }): Promise<SeenPod>;
  patch(providerId: string, changes: { name?: string | undefined; locked?: boolean | undefined }): Promise<SeenPod>;
  start(providerId: string): Promise<void>;
  stop(providerId: string): Promise<void>;
  restart(providerId: string): Promise<void>;
  terminate(providerId: string): Promise<void>;
  followLog(providerId: string, options: LogOptions): AsyncIterable<readonly PodLogLine[]>;
  stock(): Promise<readonly StockRow[]>;
  billing(sinceMs: number): Promise<readonly BilledHour[]>;
  balance(): Promise<Balance>;
  close(): Promise<void>;
}
