import type { NewPod } from "../../contract/pod.js";
import { planCandidates, type Wish } from "./candidates.js";
import { type CreateBase, type Created, createFromCandidates } from "./create-from-candidates.js";
import type { RunpodClient } from "./index.js";
import type { PodMounts } from "./pod.js";

/** RunPod's own image with PyTorch and sshd, for drafts without one: the seed's is on no registry. */
export const defaultImage = "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404";

const mountPath = "/workspace";
/** RunPod refuses smaller ones. */
const smallestVolumeGb = 10;

/** A draft of the contract; what it leaves out has the contract's defaults. `name` has to be unique. */
export type NamedDraft = Omit<NewPod, "labId"> & { readonly name: string };

/**
 * Makes a pod of a draft: the best candidate of the live catalogue that RunPod gives. Never makes two. A network volume decides
 * on the place. Rejects with FailureError.
 */
export async function createFromDraft(
  client: Pick<RunpodClient, "pods" | "catalog" | "networkVolumes">,
  draft: NamedDraft,
): Promise<Created> {
  const isCpu = draft.gpuType.toUpperCase() === "CPU";
  const volumeId = draft.networkVolumeId;
  const home = volumeId === undefined ? null : ((await client.networkVolumes.get(volumeId))?.dataCenter ?? null);
  const wish = wishOf(draft, home);
  const { gpuCount: count, cloud } = wish;
  const [gpus, cpus] = isCpu ? [[], await client.catalog.cpus()] : [await client.catalog.gpus({ count, cloud }), []];
  return createFromCandidates(client.pods.createOnce, baseOf(draft, isCpu), planCandidates(wish, { gpus, cpus }));
}

function wishOf(draft: NamedDraft, volumeHome: string | null): Wish {
  const { gpuType, gpuCount = 1, cloud = "SECURE", regions = [], maxCostPerHourUsd } = draft;
  return { gpuType, gpuCount, cloud, regions: volumeHome === null ? regions : [volumeHome], maxCostPerHourUsd };
}

/** Everything of the body but what it is made of and where. */
function baseOf(draft: NamedDraft, isCpu: boolean): CreateBase {
  const { name, env = {}, cloud = "SECURE", ports = ["22/tcp"], diskSize = 50, image, templateId } = draft;
  const mounts = mountsOf(draft, isCpu);
  // A template has an image of its own.
  const source = templateId === undefined ? { image: image ?? defaultImage } : { templateId, ...(image && { image }) };
  return {
    name,
    ...source,
    cloud,
    env,
    ports,
    disk: diskSize,
    startSsh: true,
    ...(mounts === null ? {} : { mounts }),
  };
}

function mountsOf({ networkVolumeId, volumeSize = 50 }: NamedDraft, isCpu: boolean): PodMounts | null {
  if (networkVolumeId !== undefined) return { network: [{ volumeId: networkVolumeId, path: mountPath }] };
  if (volumeSize === 0 || isCpu) return null;
  return { persistent: { size: Math.max(smallestVolumeGb, volumeSize), path: mountPath } };
}
