import type { SeenPod } from "../../contract/provider.js";
import { FailureError } from "../../core/failure.js";
import type { HostStat } from "../hosts/host-stat.js";
import type { Hosts } from "../hosts/hosts.js";
import type { Provider } from "./provider.js";

/** A machine of one's own, as the config names it. */
export interface ConfiguredHost {
  readonly name: string;
  readonly host: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly identityFile?: string | undefined;
  readonly slots?: number | undefined;
  readonly gpus?: readonly string[] | undefined;
  readonly costPerHourUsd?: number | undefined;
}

export interface SshProviderOptions {
  readonly hosts: readonly ConfiguredHost[];
  readonly sessions: Pick<Hosts, "state" | "stat">;
  /** Document id of a host's pod; undefined before its first look. */
  readonly podIdOf: (providerId: string) => Promise<string | undefined>;
  /** Who logs in where the config says nothing. */
  readonly user: string;
  readonly now: () => number;
}

/** A host that does not answer its question holds nobody up. */
const statTimeoutMs = 4000;

/** Hosts of one's own: they are always there, cost what the config says, and start and stop mean that they accept work or drain. */
export function sshProvider(options: SshProviderOptions): Provider {
  const { hosts } = options;
  const since = options.now();
  const byName = new Map(hosts.map((host) => [host.name, host]));
  const lastGpus = new Map<string, readonly string[]>();

  const see = async (host: ConfiguredHost): Promise<SeenPod> => {
    const stat = await statOf(options, host);
    if (stat !== null && stat.gpus.length > 0)
      lastGpus.set(
        host.name,
        stat.gpus.map(({ name }) => name),
      );
    return seenHost(options, host, { stat, gpus: host.gpus ?? lastGpus.get(host.name) ?? [], since });
  };
  const refuse = () =>
    Promise.reject(
      new FailureError({ kind: "unsupported", message: "a host of your own is not made or destroyed from here" }),
    );

  return {
    name: "ssh",
    label: "ssh hosts",
    rents: false,
    paceMs: (atLeastMs) => atLeastMs,
    slotsOf: (name) => {
      const host = byName.get(name);
      return host?.slots ?? Math.max(1, host?.gpus?.length ?? lastGpus.get(name)?.length ?? 1);
    },
    identityFileOf: (name) => byName.get(name)?.identityFile ?? null,
    list: () => Promise.all(hosts.map(see)),
    async get(name) {
      const host = byName.get(name);
      return host === undefined ? null : see(host);
    },
    create: refuse,
    patch: refuse,
    start: refuse,
    stop: refuse,
    restart: refuse,
    terminate: refuse,
    followLog() {
      throw new FailureError({ kind: "unsupported", message: "a host of your own has no log of its own here" });
    },
    stock: () => Promise.resolve([]),
    billing: () => Promise.resolve([]),
    balance: () => Promise.resolve({ micros: null, spendMicrosPerHour: null, reason: null }),
    close: () => Promise.resolve(),
  };
}

/** null while the link is down, or the host takes too long. */
async function statOf({ sessions, podIdOf }: SshProviderOptions, host: ConfiguredHost): Promise<HostStat | null> {
  const podId = await podIdOf(host.name);
  if (podId === undefined || sessions.state(podId)?.link !== "up") return null;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), statTimeoutMs);
  });
  const asked = sessions.stat(podId).catch(() => null);
  const stat = await Promise.race([asked, late]);
  clearTimeout(timer);
  return stat;
}

function seenHost(
  { user }: SshProviderOptions,
  host: ConfiguredHost,
  { stat, gpus, since }: { stat: HostStat | null; gpus: readonly string[]; since: number },
): SeenPod {
  return {
    providerId: host.name,
    name: host.name,
    gpuType: gpus[0] ?? "CPU",
    gpuCount: gpus.length,
    status: "running",
    statusReason: null,
    providerStatus: null,
    trouble: diskTrouble(stat),
    actions: ["start", "stop"],
    region: null,
    cloud: null,
    image: null,
    diskGb: stat?.disk == null ? null : Math.round(stat.disk.totalBytes / 1e9),
    volumeGb: null,
    locked: false,
    ssh: { host: host.host, port: host.port ?? 22, username: host.user ?? user, via: "direct" },
    sshReason: null,
    ports: [],
    env: {},
    costPerHourUsd: host.costPerHourUsd ?? null,
    startedAt: null,
    createdAt: since,
    stoppedMicrosPerHour: null,
    uptimeSeconds: null,
    sample: stat?.sample ?? null,
  };
}

/** Less than this and the next output may not fit any more. */
const fullBelowBytes = 200 * 2 ** 20;

function diskTrouble(stat: HostStat | null): SeenPod["trouble"] {
  if (stat?.disk == null || stat.disk.freeBytes >= fullBelowBytes) return null;
  const freeMb = Math.round(stat.disk.freeBytes / 1e6);
  return {
    code: "diskFull",
    message: `its disk is full (${freeMb} MB free): runs there will fail to write; make room`,
  };
}
