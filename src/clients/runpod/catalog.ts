import { z } from "zod";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { orNull } from "./pods.js";
import { amount, flag, list, maybe, text, texts } from "./tolerant.js";

const Place = z.object({ id: z.string(), name: z.string().catch(""), availability: text });

/** A GPU type: what it costs per hour and where it is to be had. Stock words as RunPod has them: NONE LOW MEDIUM HIGH. */
export const GpuType = z.object({
  id: z.string().min(1),
  name: z.string().catch(""),
  manufacturer: text,
  /** GB on the GPU. */
  memory: amount,
  secure: flag,
  community: flag,
  /** USD per hour for one. */
  price: maybe(z.object({ secure: amount, community: amount })),
  /** Most on one pod. */
  maxCount: maybe(z.object({ secure: amount, community: amount })),
  availability: text,
  dataCenters: list(Place),
  cudaVersions: list(z.object({ version: z.string(), available: flag })),
});
export type GpuType = z.infer<typeof GpuType>;

export const CpuType = z.object({
  id: z.string().min(1),
  name: z.string().catch(""),
  group: text,
  vcpu: maybe(z.object({ min: amount, max: amount })),
  ramGbPerVcpu: amount,
  price: maybe(z.object({ securePerVcpu: amount })),
  availability: text,
  dataCenters: list(Place),
});
export type CpuType = z.infer<typeof CpuType>;

export const DataCenter = z.object({
  id: z.string().min(1),
  name: z.string().catch(""),
  region: text,
  globalNetwork: flag,
  networkVolumeTypes: texts,
  compliance: texts,
  gpuAvailability: list(Place),
});
export type DataCenter = z.infer<typeof DataCenter>;

export interface GpuQuery {
  /** How many on one pod: stock is for that many. */
  readonly count?: number | undefined;
  readonly cloud?: "SECURE" | "COMMUNITY" | undefined;
  readonly minCudaVersion?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Without both, the catalogue comes without stock (runpod-api §4.1). */
const withStock = { include: ["AVAILABILITY"], product: ["POD"] };

/** What RunPod rents out, with live stock for pods. */
export function catalogClient(http: Http) {
  return {
    gpus: async ({ signal, ...query }: GpuQuery = {}): Promise<readonly GpuType[]> => {
      const expect = z.object({ gpus: list(GpuType) });
      return (await http.get("/v2/catalog/gpus", { query: { ...withStock, ...query }, expect, signal })).gpus;
    },
    gpu: (id: string, { signal, ...query }: GpuQuery = {}): Promise<GpuType | null> =>
      orNull(http.get(path`/v2/catalog/gpus/${id}`, { query: { ...withStock, ...query }, expect: GpuType, signal })),
    cpus: async (query: { vcpuCount?: number } = {}): Promise<readonly CpuType[]> => {
      const expect = z.object({ cpus: list(CpuType) });
      return (await http.get("/v2/catalog/cpus", { query: { ...withStock, ...query }, expect })).cpus;
    },
    dataCenters: async (): Promise<readonly DataCenter[]> => {
      const query = { include: ["GPU_AVAILABILITY"] };
      const expect = z.object({ dataCenters: list(DataCenter) });
      return (await http.get("/v2/catalog/datacenters", { query, expect })).dataCenters;
    },
  };
}
