import type { Pod } from "../../contract/pod.js";
import type { SeenPod } from "../../contract/provider.js";
import { microsOf, usdOf } from "../../core/micro-usd.js";
import type { RunpodPod } from "./pod.js";
import { portsOfPod } from "./pod-ports.js";
import { sampleOfPod } from "./pod-sample.js";
import { sshOfPod } from "./pod-ssh.js";
import { stoppedMicrosPerHour } from "./storage-price.js";

/** What else is known of the account, where it was asked for. */
export interface AccountFacts {
  /** Network volumes that exist, by id, with their GB. */
  readonly networkVolumes?: ReadonlyMap<string, number | null> | undefined;
}

/** A pod of RunPod in the contract's words (runpod-api §6). The raw word stays beside them; nothing that is wrong is hidden. */
export function seenPod(pod: RunpodPod, facts: AccountFacts = {}): SeenPod {
  const { ssh, reason: sshReason } = sshOfPod(pod);
  const sample = sampleOfPod(pod);
  const { status, reason } = stateOf(pod, sample);
  return {
    providerId: pod.id,
    name: pod.name === "" ? pod.id : pod.name,
    ...gpuOf(pod),
    status,
    statusReason: reason,
    providerStatus: pod.status,
    trouble: troubleOf(pod, facts),
    actions: pod.actions,
    region: pod.dataCenterId,
    cloud: pod.cloud,
    image: pod.image,
    diskGb: pod.disk,
    volumeGb: volumeGb(pod, facts),
    locked: pod.locked ?? false,
    ssh,
    sshReason,
    ports: portsOfPod(pod),
    env: pod.env,
    costPerHourUsd: usdOf(microsOf(pod.cost)),
    stoppedMicrosPerHour: stoppedMicrosPerHour(pod),
    createdAt: pod.createdAt ?? pod.startedAt ?? 0,
    startedAt: pod.startedAt,
    // RunPod's stopped pods may still tell an uptime, and it climbs (runpod-api §9).
    uptimeSeconds: pod.status === "RUNNING" ? (pod.runtime?.uptime ?? null) : null,
    sample,
  };
}

/** A GPU pod that does not say how many has one: RunPod's default. */
const gpuOf = ({ gpu }: RunpodPod) =>
  gpu === null ? { gpuType: "CPU", gpuCount: 0 } : { gpuType: gpu.id, gpuCount: gpu.count ?? 1 };

interface State {
  readonly status: Pod["status"];
  readonly reason: string | null;
}

function stateOf(pod: RunpodPod, sample: SeenPod["sample"]): State {
  switch (pod.status) {
    case "PROVISIONING":
      return { status: "creating", reason: "allocating" };
    case "STARTING":
      return { status: "creating", reason: "starting container (image pull, create or boot)" };
    case "RUNNING":
      return { status: "running", reason: hasTelemetry(pod, sample) ? null : "no telemetry yet" };
    case "EXITED":
      return { status: "stopped", reason: null };
    case "ERROR":
      return { status: "stopped", reason: "error" };
    case "TERMINATED":
      return { status: "terminated", reason: null };
    default:
      // A word RunPod has added since: what it may be stopped from is not stopped.
      return { status: pod.actions.includes("stop") ? "creating" : "stopped", reason: pod.status };
  }
}

const hasTelemetry = (pod: RunpodPod, sample: SeenPod["sample"]) =>
  sample !== null && (pod.gpu === null || sample.gpuUtilPercent !== null);

function troubleOf(pod: RunpodPod, facts: AccountFacts): Pod["trouble"] {
  if (pod.status === "ERROR") {
    return { code: "error", message: "RunPod says ERROR: look at its system log, then start it again or terminate it" };
  }
  if (pod.status === "RUNNING" && pod.gpu?.count === 0) {
    const message =
      "came up without a GPU, its host gave it away: stop and start to try again, make a new one, or save the data";
    return { code: "zeroGpu", message };
  }
  const gone = pod.mounts?.network.find(({ volumeId }) => facts.networkVolumes?.has(volumeId) === false);
  if (gone === undefined || pod.status === "TERMINATED") return null;
  return { code: "volumeGone", message: `its network volume ${gone.volumeId} is no longer on the account` };
}

function volumeGb({ mounts }: RunpodPod, { networkVolumes }: AccountFacts): number | null {
  if (mounts === null) return null;
  if (mounts.persistent !== null) return mounts.persistent.size;
  const [network] = mounts.network;
  return network === undefined ? 0 : (networkVolumes?.get(network.volumeId) ?? null);
}

/** A pod that is on no list any more and whose id nobody knows. */
export function goneFrom(seen: SeenPod): SeenPod {
  return {
    ...seen,
    status: "terminated",
    statusReason: "RunPod does not know it any more",
    actions: [],
    ssh: null,
    sshReason: "it is gone",
    costPerHourUsd: 0,
    stoppedMicrosPerHour: 0,
    uptimeSeconds: null,
    sample: null,
  };
}
