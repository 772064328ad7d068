import type { NewPod, Pod, PodLogLine, StockRow, TelemetrySample } from "../../contract/pod.js";

/** What a provider tells of one pod, in the contract's words. */
export interface SeenPod
  extends Pick<
    Pod,
    | "name"
    | "gpuType"
    | "gpuCount"
    | "status"
    | "statusReason"
    | "providerStatus"
    | "trouble"
    | "actions"
    | "region"
    | "cloud"
    | "image"
    | "diskGb"
    | "volumeGb"
    | "locked"
    | "ssh"
    | "sshReason"
    | "ports"
    | "env"
    | "costPerHourUsd"
    | "startedAt"
  > {
  readonly providerId: string;
  readonly createdAt: number;
  /** What it costs while it is stopped, whole micro-dollars an hour. */
  readonly stoppedMicrosPerHour: number | null;
  /** Seconds since its container came up; falls when it was restarted. */
  readonly uptimeSeconds: number | null;
  /** null: no telemetry, which is not the same as no work. */
  readonly sample: Omit<TelemetrySample, "podId" | "at" | "costPerHourUsd"> | null;
}

/** One hour (or other bucket) of a provider's bill. */
export interface BilledHour {
  readonly providerId: string;
  readonly hourAt: number;
  readonly micros: number;
  readonly gpuMicros: number;
  readonly diskMicros: number;
  /** The bucket still fills. */
  readonly open: boolean;
}

export interface Balance {
  readonly micros: number | null;
  readonly spendMicrosPerHour: number | null;
  /** Why it is unknown. */
  readonly reason: string | null;
}

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
