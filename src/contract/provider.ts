import { z } from "zod";
import type { Pod, TelemetrySample } from "./pod.js";

/** How the lab gets on with a provider: GET /v1/pods/providers and `pods:providers`. */
export const ProviderState = z.object({
  /** `runpod` `ssh`. */
  name: z.string(),
  /** As people write it: `RunPod`. */
  label: z.string(),
  /** `off`: not configured, `reason` says how to. */
  state: z.enum(["off", "starting", "ok", "down"]),
  /** ms; of the last good look, or of the first bad one since. */
  since: z.number().nullable(),
  /** In words, with what to do: the key is refused, no answer since … */
  reason: z.string().nullable(),
});
export type ProviderState = z.infer<typeof ProviderState>;

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
