/** The words of RunPod's documents, and any other a test wants to see. */
export type PodStatus = "PROVISIONING" | "STARTING" | "RUNNING" | "EXITED" | "ERROR" | "TERMINATED" | (string & {});
export type PodAction = "start" | "stop" | "restart" | "terminate";
export type CloudWord = "SECURE" | "COMMUNITY";

export interface MountsData {
  persistent?: { size: number; path: string };
  network?: { volumeId: string; path: string }[];
}

/** What runs in the pod; a change of it resets the container. */
export interface ContainerData {
  image: string;
  args: string;
  disk: number;
  ports: string[];
  env: Record<string, string>;
  registry: string | null;
  cmd: string[];
  entrypoint: string[];
  mounts: MountsData;
}

export interface LogLine {
  readonly at: number;
  readonly sequence: number;
  readonly source: "container" | "system";
  readonly line: string;
}

/** Money by the hour while nothing changes; the bill is the sum over spans. `toMs` null: still so. */
export interface BilledSpan {
  readonly fromMs: number;
  toMs: number | null;
  readonly gpuUsdPerHour: number;
  readonly cpuUsdPerHour: number;
  readonly diskUsdPerHour: number;
}

export interface SshEndpoint {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
}

/** How the next boot goes. `error` ends in ERROR, `unplaced` stays PROVISIONING, `never` stays STARTING. */
export interface BootPlan {
  readonly provisioningMs: number;
  readonly startingMs: number;
  readonly ends: "running" | "error" | "unplaced" | "never";
}

/** What `runtime` says while the pod runs. */
export type TelemetryPlan =
  /** A steady load with a small deterministic wobble. */
  | {
      readonly kind: "steady";
      readonly util: number;
      readonly memoryUtil?: number;
      readonly cpuUtil?: number;
      readonly hostMemoryUtil?: number;
    }
  /** Steps one after another from the container's start; the last one stays unless `loop`. */
  | { readonly kind: "script"; readonly steps: readonly TelemetryStep[]; readonly loop?: boolean }
  /** Exactly this instead: null, {}, parts, nonsense. */
  | { readonly kind: "raw"; readonly runtime: unknown };

export interface TelemetryStep {
  readonly forMs: number;
  /** One per GPU, or one for all. */
  readonly util: number | readonly number[];
  readonly memoryUtil?: number | readonly number[];
  readonly cpuUtil?: number;
  readonly hostMemoryUtil?: number;
}

/** Where the real service was seen to do other than it says. */
export interface Quirks {
  /** What `start` finds: its GPUs, none (pod runs with 0), or a host that is full (400). */
  start: "gpus" | "zero" | "refuse";
  /** `ignored`: answers 200 and does nothing. */
  stop: "works" | "ignored";
  restart: "works" | "ignored";
}

export interface FakePod {
  readonly id: string;
  readonly sequence: number;
  readonly createdAt: number;
  name: string;
  container: ContainerData;
  gpu: { readonly id: string; count: number; readonly wanted: number } | null;
  readonly cpu: { readonly id: string; readonly vcpuCount: number } | null;
  readonly cloud: CloudWord;
  dataCenterId: string | null;
  readonly template: string | null;
  locked: boolean;
  globalNetworking: boolean;
  readonly startSsh: boolean;
  readonly cluster: { readonly id: string; readonly rank: number } | null;
  status: PodStatus;
  startedAt: number | null;
  containerUpAt: number | null;
  boot: (BootPlan & { readonly since: number; readonly pull: boolean; linesDone: number }) | null;
  /** A stop that was accepted and not yet done. */
  stopAt: number | null;
  ip: string;
  publicPorts: Record<string, number>;
  /** The first answers after a start may show the ports from before. */
  stalePorts: { readonly untilMs: number; readonly ports: Record<string, number> } | null;
  ssh: SshEndpoint | null;
  /** USD an hour of one GPU (or of the whole CPU pod) when it was rented. */
  readonly usdPerHour: number;
  telemetry: TelemetryPlan;
  quirks: Quirks;
  /** Laid over the answer; a value of `undefined` takes the field away. */
  overrides: Record<string, unknown>;
  log: LogLine[];
  spans: BilledSpan[];
}
