import type { NewPod, PodLogLine, StockRow } from "../../../src/contract/pod.js";
import type { Balance, BilledHour, SeenPod } from "../../../src/contract/provider.js";
import { type Failure, FailureError } from "../../../src/core/failure.js";
import type { Provider } from "../../../src/lab/pods/provider.js";

type Act = "list" | "get" | "create" | "patch" | "start" | "stop" | "restart" | "terminate" | "stock";

/** A pod as a provider tells of it: an H200 that runs, without telemetry. */
export function seenPod(more: Partial<SeenPod> = {}): SeenPod {
  return {
    providerId: "rp1",
    name: "lab-h200-aaaa",
    gpuType: "NVIDIA H200",
    gpuCount: 1,
    status: "running",
    statusReason: null,
    providerStatus: "RUNNING",
    trouble: null,
    actions: ["stop", "restart", "terminate"],
    region: "EU-RO-1",
    cloud: "SECURE",
    image: "runpod/pytorch",
    diskGb: 50,
    volumeGb: 100,
    locked: false,
    ssh: { host: "203.0.113.7", port: 34446, username: "root", via: "direct" },
    sshReason: null,
    ports: [],
    env: {},
    costPerHourUsd: 3.6,
    startedAt: null,
    createdAt: 0,
    stoppedMicrosPerHour: 27_397,
    uptimeSeconds: null,
    sample: null,
    ...more,
  };
}

export const gpuSample = (utilPercent: number | null, memoryPercent: number | null = 0): SeenPod["sample"] => ({
  cpuPercent: 1,
  memoryUsedBytes: null,
  memoryTotalBytes: null,
  loadAverage: null,
  gpuUtilPercent: utilPercent,
  gpuMemoryPercent: memoryPercent,
  gpus: [{ utilPercent, memoryPercent, temperatureC: null, powerW: null }],
});

export const failing = (failure: Partial<Failure> = {}) =>
  new FailureError({ kind: "network", message: "no route to api.runpod.io", ...failure });

export interface FakeProvider extends Provider {
  readonly pods: Map<string, SeenPod>;
  /** `stop rp1`, in the order they came. */
  readonly calls: string[];
  set(providerId: string, more: Partial<SeenPod>): void;
  /** The next calls of this kind are refused so. */
  fail(act: Act, error: Error, times?: number): void;
  /** What an action really does; default: what it says. */
  behave(act: "start" | "stop" | "restart" | "terminate", does: (pod: SeenPod) => Partial<SeenPod> | null): void;
  /** The answer to a create gets lost although the pod was made. */
  loseCreate(): void;
  line(providerId: string, line: string): void;
}

/** A provider in memory that rents pods. It does what it is asked at once, unless told otherwise. */
export function fakeProvider(name = "runpod", { now = () => 0 }: { now?: () => number } = {}): FakeProvider {
  const pods = new Map<string, SeenPod>();
  const calls: string[] = [];
  const failures: { act: Act; error: Error }[] = [];
  const lines: { providerId: string; line: PodLogLine }[] = [];
  let woken: (() => void)[] = [];
  let made = 0;
  let loses = false;
  const behaviours = {
    start: (): Partial<SeenPod> | null => ({ status: "running", providerStatus: "RUNNING", startedAt: now() }),
    stop: (): Partial<SeenPod> | null => ({ status: "stopped", providerStatus: "EXITED", ssh: null, sample: null }),
    restart: (): Partial<SeenPod> | null => ({ uptimeSeconds: 0 }),
    terminate: (): Partial<SeenPod> | null => null,
  } as Record<"start" | "stop" | "restart" | "terminate", (pod: SeenPod) => Partial<SeenPod> | null>;

  const called = (act: Act, ref = "") => {
    calls.push(ref === "" ? act : `${act} ${ref}`);
    const at = failures.findIndex((failure) => failure.act === act);
    if (at !== -1) throw failures.splice(at, 1)[0]!.error;
  };
  const need = (id: string) => {
    const pod = pods.get(id);
    if (pod === undefined) throw failing({ kind: "notFound", message: "pod not found" });
    return pod;
  };
  const act = (verb: keyof typeof behaviours) => async (id: string) => {
    called(verb, id);
    const pod = need(id);
    const changed = behaviours[verb](pod);
    if (changed === null) pods.delete(id);
    else pods.set(id, { ...pod, ...changed });
  };

  return {
    name,
    label: "RunPod",
    rents: true,
    pods,
    calls,
    paceMs: (atLeastMs) => atLeastMs,
    set: (id, more) => void pods.set(id, { ...(pods.get(id) ?? seenPod({ providerId: id })), ...more }),
    fail: (what, error, times = 1) => {
      for (let count = 0; count < times; count++) failures.push({ act: what, error });
    },
    behave: (verb, does) => void (behaviours[verb] = does),
    loseCreate: () => void (loses = true),
    line(providerId, line) {
      lines.push({ providerId, line: { id: String(lines.length), at: null, source: "system", line } });
      for (const wake of woken) wake();
      woken = [];
    },
    async list() {
      called("list");
      return [...pods.values()];
    },
    async get(id) {
      called("get", id);
      return pods.get(id) ?? null;
    },
    async create(draft: NewPod & { readonly name: string }) {
      called("create", draft.name);
      const providerId = `new${++made}`;
      const pod = seenPod({
        providerId,
        name: draft.name,
        gpuType: draft.gpuType,
        gpuCount: draft.gpuCount ?? 1,
        status: "creating",
        providerStatus: "PROVISIONING",
        volumeGb: draft.volumeSize ?? 50,
        env: { ...draft.env },
        ssh: null,
        createdAt: now(),
      });
      pods.set(providerId, pod);
      if (loses) throw failing({ kind: "timeout", message: "RunPod did not answer in 30 s" });
      return pod;
    },
    async patch(id, { name: newName, locked }) {
      called("patch", id);
      const pod = {
        ...need(id),
        ...(newName === undefined ? {} : { name: newName }),
        ...(locked === undefined ? {} : { locked }),
      };
      pods.set(id, pod);
      return pod;
    },
    start: act("start"),
    stop: act("stop"),
    restart: act("restart"),
    terminate: act("terminate"),
    async *followLog(id, { signal, after, source }) {
      let from = after === undefined ? 0 : Number(after) + 1;
      while (!signal.aborted) {
        const news = lines.slice(from).filter(({ providerId }) => providerId === id);
        from = lines.length;
        const told = news.map(({ line }) => line).filter((line) => source === undefined || line.source === source);
        if (told.length > 0) yield told;
        else
          await new Promise<void>((resolve) => {
            woken.push(resolve);
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
      }
    },
    async stock(): Promise<StockRow[]> {
      called("stock");
      return [
        {
          provider: name,
          gpuType: "NVIDIA H200",
          name: "H200",
          memoryGb: 141,
          maxCount: 8,
          cloud: "SECURE",
          costPerHourUsd: 3.59,
          stoppedUsdPerGbMonth: 0.2,
          stock: "high",
          regions: [],
        },
      ];
    },
    billing: async (): Promise<BilledHour[]> => [],
    balance: async (): Promise<Balance> => ({ micros: null, spendMicrosPerHour: null, reason: "n/a" }),
    close: async () => undefined,
  };
}
