import type { createFaults, Fault } from "./faults.js";
import type { KeyRights, Keys } from "./keys.js";
import type { LogStreams, StreamPlan } from "./log-streams.js";
import type { BootPlan, CloudWord, FakePod, LogLine, Quirks, SshEndpoint, TelemetryPlan } from "./model.js";
import { addPod, migrate, type PodSeed } from "./placed-pods.js";
import { leave, settle, terminate } from "./pod-life.js";
import { podToWire } from "./pod-wire.js";
import type { createRateLimiter, Limits } from "./rate-limit.js";
import type { Seen } from "./server.js";
import { spentUsd } from "./spend.js";
import { type Defaults, log, meter, type World } from "./world.js";

interface ControlParts {
  readonly world: World;
  readonly keys: Keys;
  readonly faults: ReturnType<typeof createFaults>;
  readonly limiter: ReturnType<typeof createRateLimiter>;
  readonly streams: LogStreams;
  readonly seen: Seen[];
  readonly down: { untilMs: number | null };
}

/** What a test does to the fake's world. Every argument is JSON, so that `/__control` offers the same verbs. */
export function createControl(parts: ControlParts) {
  return { ...worldVerbs(parts), ...podVerbs(parts), ...troubleVerbs(parts) };
}
export type Control = ReturnType<typeof createControl>;

function worldVerbs({ world, keys, limiter, seen }: ControlParts) {
  return {
    now: () => world.now(),
    /** Moves simulated time and lets everything that is due happen. */
    advance: (ms: number) => {
      world.advance(ms);
      settle(world);
    },
    /** Free GPUs of a type in a data centre, `"*"`: everywhere it is offered. */
    capacity: (gpuId: string, dataCenterId: string, free: number, cloud?: CloudWord) => {
      world.stock.set(gpuId, dataCenterId, free, cloud);
    },
    price: (gpuId: string, price: { secure: number; community: number }) => {
      const gpu = world.gpus.get(gpuId);
      if (gpu !== undefined) world.gpus.set(gpuId, { ...gpu, price });
    },
    /** How pods made from now on boot. */
    boot: (plan: Partial<BootPlan>) => {
      world.defaults.boot = { ...world.defaults.boot, ...plan };
    },
    /** How pods made from now on behave; `ssh` points each at a real sshd. */
    defaults: (defaults: Partial<Omit<Defaults, "boot">>) => {
      Object.assign(world.defaults, defaults);
    },
    /** The credit that is left now (null: unknown) and the spend limit; it falls from here as pods run. */
    balance: (balanceUsd: number | null, spendLimitUsd?: number) => {
      world.account.drains = true;
      world.account.creditUsd = balanceUsd === null ? null : balanceUsd + spentUsd(world);
      world.account.spendLimitUsd = spendLimitUsd ?? world.account.spendLimitUsd;
    },
    sshKeys: () => world.account.sshKeys,
    /** A key and what it may; a new one is made valid by this. */
    key: (key: string, rights: KeyRights) => {
      keys.set(key, rights);
    },
    /** Requests allowed per window; null: an exempt caller without the headers. */
    limits: (limits: Limits | null) => {
      limiter.setLimits(limits);
    },
    /** How late and in which steps bills are written. */
    billing: (plan: { lagMs?: number; stepMs?: number }) => {
      Object.assign(world.billing, plan);
    },
    /** Changes a bill afterwards, in the bucket that holds `atMs`. */
    revise: (podId: string, atMs: number, deltaUsd: number) => {
      world.billing.revisions.push({ podId, atMs, deltaUsd });
    },
    /** Every request so far, oldest first. */
    requests: (): readonly Seen[] => [...seen],
    clearRequests: () => {
      seen.length = 0;
    },
  };
}

function podVerbs({ world }: ControlParts) {
  const find = (id: string): FakePod => {
    settle(world);
    const pod = world.pods.get(id) ?? [...world.pods.values()].findLast(({ name }) => name === id);
    if (pod === undefined) throw new Error(`the fake has no pod "${id}"`);
    return pod;
  };
  return {
    /** As its answers tell it; found by id or by name, terminated ones too. */
    pod: (id: string) => podToWire(world, find(id)),
    pods: () => {
      settle(world);
      return [...world.pods.values()].map((pod) => podToWire(world, pod));
    },
    addPod: (seed: PodSeed): string => addPod(world, seed),
    /** Ends a boot that is under way at once. */
    finishBoot: (id: string) => {
      const pod = find(id);
      if (pod.boot !== null) {
        pod.boot = { ...pod.boot, since: world.now(), provisioningMs: 0, startingMs: 0, ends: "running" };
      }
      settle(world);
    },
    /** Any status word, also ones nobody knows. EXITED and ERROR give the GPUs back. */
    status: (id: string, status: string) => {
      const pod = find(id);
      if (status === "TERMINATED") terminate(world, pod);
      else if (status === "EXITED" || status === "ERROR") leave(world, pod, status, world.now());
      else {
        pod.status = status;
        pod.boot = null;
        meter(pod, world.now());
      }
    },
    /** Lays fields over the answers of a pod; null inside is sent, `{}` takes all overrides away. */
    override: (id: string, fields: Record<string, unknown>) => {
      const pod = find(id);
      pod.overrides = Object.keys(fields).length === 0 ? {} : { ...pod.overrides, ...fields };
    },
    telemetry: (id: string, plan: TelemetryPlan) => {
      find(id).telemetry = plan;
    },
    /** Where `ssh.direct` and the 22/tcp port point; null: what the fake gave it. */
    ssh: (id: string, endpoint: SshEndpoint | null) => {
      find(id).ssh = endpoint;
    },
    quirks: (id: string, quirks: Partial<Quirks>) => {
      Object.assign(find(id).quirks, quirks);
    },
    /** RUNNING without any GPU, as after a resume on a full host. */
    zeroGpu: (id: string) => {
      const pod = find(id);
      if (pod.gpu !== null) pod.gpu.count = 0;
      meter(pod, world.now());
    },
    /** Gone without a word: in no list, unknown by id. Its bill stays. */
    vanish: (id: string) => {
      terminate(world, find(id));
    },
    /** The same pod under a new id and address, as after maintenance of its host. */
    migrate: (id: string): string => migrate(world, find(id)),
    log: (id: string, source: LogLine["source"], ...lines: string[]) => {
      const pod = find(id);
      for (const line of lines) log(world, pod, { source, line });
    },
  };
}

function troubleVerbs({ world, faults, streams, down }: ControlParts) {
  return {
    /** What goes wrong with the next answers that fit. */
    fault: (fault: Fault) => {
      faults.add(fault);
    },
    clearFaults: () => {
      faults.clear();
    },
    /** Breaks every connection: until `up()`, or for so much simulated time. */
    down: (ms?: number) => {
      down.untilMs = ms === undefined ? Number.POSITIVE_INFINITY : world.now() + ms;
    },
    up: () => {
      down.untilMs = null;
    },
    /** How log streams are written. */
    streams: (plan: StreamPlan) => {
      streams.plan(plan);
    },
    /** Breaks open log streams in the middle of a frame. */
    cutStreams: (podId?: string) => {
      streams.cut(podId);
    },
    openStreams: (podId?: string) => streams.count(podId),
  };
}
