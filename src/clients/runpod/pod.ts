import { z } from "zod";
import { amount, flag, list, maybe, moment, number, percent, strings, text, texts } from "./tolerant.js";

const SshEndpoint = z.object({ host: z.string(), port: z.number(), username: z.string() });

/** What the host tells while the container runs. Every field may be missing: none of it is "no telemetry" (runpod-api §4.3). */
export const PodRuntime = z.object({
  /** Seconds since the container started. */
  uptime: amount,
  gpus: list(z.object({ util: percent, memoryUtil: percent })),
  cpu: maybe(z.object({ util: percent })),
  memory: maybe(z.object({ util: percent })),
  ports: list(z.object({ private: z.number().int(), public: number, type: text, ip: text })),
});
export type PodRuntime = z.infer<typeof PodRuntime>;

/** A pod as REST v2 tells it. Words RunPod may add (status, cloud) stay words. */
export const RunpodPod = z.object({
  id: z.string().min(1),
  name: z.string().catch(""),
  status: z.string().catch("UNKNOWN"),
  /** What RunPod would accept now: start stop restart terminate. */
  actions: texts,
  image: text,
  /** GB of container disk. */
  disk: amount,
  mounts: maybe(
    z.object({
      persistent: maybe(z.object({ size: amount, path: text }))
        .optional()
        .default(null),
      network: list(z.object({ volumeId: z.string(), path: text })),
    }),
  ),
  /** `22/tcp` `8888/http`. */
  ports: texts,
  env: strings,
  cloud: text,
  dataCenterId: text,
  cudaVersion: text,
  /** Absent on CPU pods. `memory` is the host's share in GB, not the GPU's. */
  gpu: maybe(z.object({ id: z.string(), count: amount, vcpuCount: amount, memory: amount })),
  cpu: maybe(z.object({ id: z.string(), vcpuCount: amount, memory: amount })),
  ssh: maybe(z.object({ proxy: maybe(SshEndpoint), direct: maybe(SshEndpoint) })),
  template: text,
  /** USD per hour now, whole pod; 0 when stopped although its disk bills on. */
  cost: amount,
  locked: flag,
  runtime: maybe(PodRuntime),
  createdAt: moment,
  startedAt: moment,
});
export type RunpodPod = z.infer<typeof RunpodPod>;

export const PodPage = z.object({
  pods: list(RunpodPod),
  /** Absent on older servers: then it is the last page. */
  pagination: maybe(z.object({ nextCursor: text, hasNextPage: z.boolean().catch(false) })),
});

/** What a container is made of: at create and at patch. */
interface Container {
  readonly image?: string;
  readonly args?: string;
  /** Exec form. */
  readonly cmd?: readonly string[];
  readonly entrypoint?: readonly string[];
  /** GB of container disk, wiped at every stop. */
  readonly disk?: number;
  /** Omitted: none, so no ssh either. */
  readonly ports?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Credential id of a private image registry. */
  readonly registry?: string | null;
  readonly mounts?: PodMounts;
  readonly globalNetworking?: boolean;
  readonly templateId?: string;
}

/** One or the other; omitted: nothing outlives a stop. `persistent` is at least 10 GB and not for CPU pods. */
export type PodMounts =
  | { readonly persistent: { readonly size: number; readonly path: string } }
  | { readonly network: readonly [{ readonly volumeId: string; readonly path: string }] };

export interface GpuRequest {
  readonly id: string;
  /** Always said: without it the scheduler matches no machine (runpod-api §4.4). */
  readonly count: number;
  readonly minCudaVersion?: string;
  readonly allowedCudaVersions?: readonly string[];
  /** GB. */
  readonly minRamPerGpu?: number;
  readonly minVcpuCountPerGpu?: number;
}

export interface CpuRequest {
  readonly id: string;
  /** A power of two. */
  readonly vcpuCount: number;
}

export type PodCompute =
  | { readonly gpu: GpuRequest; readonly cpu?: never }
  | { readonly cpu: CpuRequest; readonly gpu?: never };

/** Body of POST /v2/pods: every field of runpod-api §4.4. `image` or `templateId` has to be there. */
export type CreatePod = Container &
  PodCompute & {
    /** Make it unique: it is how a pod is found whose create lost its answer. */
    readonly name: string;
    readonly cloud?: "SECURE" | "COMMUNITY";
    /** Enforced, although RunPod's text says "preferred". */
    readonly dataCenterIds?: readonly string[];
    /** Puts the account's keys into `PUBLIC_KEY`; does nothing without any. */
    readonly startSsh?: boolean;
    readonly startJupyter?: boolean;
  };

/** Body of PATCH /v2/pods/{id}. All but name and locked reset the container of a running pod. */
export type PatchPod = Container & { readonly name?: string; readonly locked?: boolean };
