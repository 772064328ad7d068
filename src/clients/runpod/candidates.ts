import { FailureError } from "../../core/failure.js";
import { nearest } from "../../core/nearest.js";
import type { CpuType, GpuType } from "./catalog.js";
import type { PodCompute } from "./pod.js";

/** Short names people say → catalogue ids, the best first (runpod-api §4.4). The catalogue decides which of them exist. */
export const gpuAliases: Readonly<Record<string, readonly string[]>> = {
  H200: ["NVIDIA H200", "NVIDIA H200 NVL"],
  H100: ["NVIDIA H100 80GB HBM3", "NVIDIA H100 PCIe", "NVIDIA H100 NVL"],
  A100: ["NVIDIA A100-SXM4-80GB", "NVIDIA A100 80GB PCIe"],
};

/** What a pod should be made of and what it may cost. */
export interface Wish {
  /** H200, H100, A100, a catalogue id or name; `CPU` for none. */
  readonly gpuType: string;
  readonly gpuCount: number;
  readonly cloud: "SECURE" | "COMMUNITY";
  /** Only these data centres, in this order; empty: wherever there is stock. */
  readonly regions: readonly string[];
  /** Whole pod. A candidate whose price is unknown is then none. */
  readonly maxCostPerHourUsd?: number | undefined;
  /** Of a CPU pod. */
  readonly vcpuCount?: number | undefined;
}

/** One thing to ask RunPod for. */
export interface Candidate {
  readonly compute: PodCompute;
  /** null: RunPod chooses. */
  readonly dataCenterId: string | null;
  /** Whole pod; null is unknown. */
  readonly costPerHourUsd: number | null;
  /** HIGH MEDIUM LOW or another word of RunPod; null is unknown. */
  readonly stock: string | null;
}

/** `2×NVIDIA H200 in EU-RO-1`. */
export function candidateName({ compute, dataCenterId }: Candidate): string {
  const what = compute.gpu === undefined ? compute.cpu.id : `${compute.gpu.count}×${compute.gpu.id}`;
  return dataCenterId === null ? what : `${what} in ${dataCenterId}`;
}

/** What the catalogue has of everything, as far as a wish is concerned. */
interface Offer {
  readonly compute: PodCompute;
  readonly costPerHourUsd: number | null;
  readonly stock: string | null;
  readonly places: readonly { readonly id: string; readonly availability: string | null }[];
}

/**
 * What to try, in order: data centres as they were wished for, then stock HIGH over MEDIUM over LOW over unknown, then price.
 * What is out of stock or too dear is none. Throws FailureError when nothing is left, with the reason.
 */
export function planCandidates(
  wish: Wish,
  catalog: { readonly gpus: readonly GpuType[]; readonly cpus?: readonly CpuType[] },
): readonly Candidate[] {
  const isCpu = wish.gpuType.toUpperCase() === "CPU";
  const offers = isCpu ? cpuOffers(wish, catalog.cpus ?? []) : gpuOffers(wish, catalog.gpus);
  const placed = offers.flatMap((offer) => placesOf(offer, wish.regions));
  if (placed.length === 0) throw none("noCapacity", `${wish.gpuType} is in none of ${wish.regions.join(", ")}`);
  const inStock = placed.filter(({ stock }) => stock?.toUpperCase() !== "NONE");
  if (inStock.length === 0) throw none("noCapacity", `${wish.gpuCount}×${wish.gpuType} is out of stock${at(wish)}`);
  const affordable = inStock.filter(({ costPerHourUsd }) => isAffordable(costPerHourUsd, wish.maxCostPerHourUsd));
  if (affordable.length === 0) throw tooDear(wish, inStock);
  return affordable.toSorted(
    (a, b) =>
      rank(wish.regions, a.dataCenterId) - rank(wish.regions, b.dataCenterId) ||
      stockRank(a.stock) - stockRank(b.stock) ||
      (a.costPerHourUsd ?? Number.MAX_VALUE) - (b.costPerHourUsd ?? Number.MAX_VALUE),
  );
}

function gpuOffers(wish: Wish, gpus: readonly GpuType[]): readonly Offer[] {
  const types = matching(wish.gpuType, gpus);
  const { gpuCount: count, cloud } = wish;
  const side = cloud === "SECURE" ? "secure" : "community";
  const rented = types.filter((gpu) => gpu[side] !== false && gpu.maxCount?.[side] !== 0);
  if (rented.length === 0) throw none("invalid", `RunPod rents no ${wish.gpuType} in its ${side} cloud`);
  const large = rented.filter((gpu) => count <= (gpu.maxCount?.[side] ?? count));
  if (large.length === 0) {
    const most = Math.max(...rented.map((gpu) => gpu.maxCount?.[side] ?? 0));
    throw none("invalid", `a pod has at most ${most}×${wish.gpuType}`);
  }
  return large.map((gpu) => ({
    compute: { gpu: { id: gpu.id, count } },
    costPerHourUsd: total(gpu.price?.[side], count),
    stock: gpu.availability,
    places: gpu.dataCenters,
  }));
}

function cpuOffers({ vcpuCount = 4 }: Wish, cpus: readonly CpuType[]): readonly Offer[] {
  const large = cpus.filter(({ vcpu }) => vcpuCount >= (vcpu?.min ?? 0) && vcpuCount <= (vcpu?.max ?? vcpuCount));
  if (large.length === 0) throw none("invalid", `RunPod has no CPU pod with ${vcpuCount} vCPUs`);
  return large.map((cpu) => ({
    compute: { cpu: { id: cpu.id, vcpuCount } },
    costPerHourUsd: total(cpu.price?.securePerVcpu, vcpuCount),
    stock: cpu.availability,
    places: cpu.dataCenters,
  }));
}

/** By alias, id or name, whatever the case. */
function matching(wanted: string, gpus: readonly GpuType[]): readonly GpuType[] {
  const word = wanted.trim().toUpperCase();
  const ids = gpuAliases[word];
  const found =
    ids === undefined
      ? gpus.filter(({ id, name }) => id.toUpperCase() === word || name.toUpperCase() === word)
      : gpus.filter(({ id }) => ids.includes(id));
  if (found.length > 0) return found;
  const near = nearest(wanted, [...Object.keys(gpuAliases), ...gpus.map(({ id }) => id)]);
  const hint = near === undefined ? "`pods stock` lists what there is" : `did you mean "${near}"?`;
  throw new FailureError({ kind: "invalid", message: `RunPod has no GPU "${wanted}"`, hint });
}

/** One candidate per data centre; a catalogue without them leaves the choice to RunPod. */
function placesOf(offer: Offer, regions: readonly string[]): readonly Candidate[] {
  const { compute, costPerHourUsd } = offer;
  const known = offer.places.map(({ id, availability }) => ({ dataCenterId: id, stock: availability }));
  const wished = regions.length === 0 ? known : known.filter(({ dataCenterId }) => regions.includes(dataCenterId));
  const isUnlisted = offer.places.length === 0;
  const anywhere = { dataCenterId: null, stock: offer.stock };
  const unlisted = regions.length === 0 ? [anywhere] : regions.map((id) => ({ dataCenterId: id, stock: offer.stock }));
  return (isUnlisted ? unlisted : wished).map((place) => ({ compute, costPerHourUsd, ...place }));
}

/** RunPod's 0 is no price but the lack of one. */
const total = (priceUsd: number | null | undefined, count: number) =>
  priceUsd == null || priceUsd === 0 ? null : Number((priceUsd * count).toFixed(6));

const isAffordable = (costUsd: number | null, maxUsd: number | undefined) =>
  maxUsd === undefined || (costUsd !== null && costUsd <= maxUsd);

const stockOrder = ["HIGH", "MEDIUM", "LOW"];
/** 0 is the most; words nobody knows come last. */
export const stockRank = (stock: string | null) => rank(stockOrder, stock?.toUpperCase() ?? null);

function rank(order: readonly string[], word: string | null): number {
  const index = word === null ? -1 : order.indexOf(word);
  return index < 0 ? order.length : index;
}

const at = ({ regions }: Wish) => (regions.length === 0 ? " everywhere" : ` in ${regions.join(", ")}`);

const none = (kind: "noCapacity" | "invalid", message: string) =>
  new FailureError({ kind, message, hint: "`pods stock` shows what is to be had; it changes by the minute" });

function tooDear(wish: Wish, inStock: readonly Candidate[]): FailureError {
  const prices = inStock.map(({ costPerHourUsd }) => costPerHourUsd).filter((price) => price !== null);
  const limit = `$${(wish.maxCostPerHourUsd ?? 0).toFixed(2)}/h`;
  const cheapest = prices.length === 0 ? "its price is unknown" : `it costs $${Math.min(...prices).toFixed(2)}/h`;
  const message = `${wish.gpuCount}×${wish.gpuType} for at most ${limit} is not to be had: ${cheapest}`;
  return new FailureError({ kind: "invalid", message, hint: "raise the limit or choose another GPU" });
}
