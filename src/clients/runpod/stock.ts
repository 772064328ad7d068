import type { StockRow } from "../../contract/pod.js";
import { stockRank } from "./candidates.js";
import type { GpuType } from "./catalog.js";
import { stoppedUsdPerGbMonth } from "./storage-price.js";

const clouds = [
  { side: "secure", cloud: "SECURE" },
  { side: "community", cloud: "COMMUNITY" },
] as const;

/** One row per GPU type and cloud it is rented in; places with the most stock first. `gpusOf` has the catalogue of each cloud. */
export function stockRows(gpusOf: Readonly<Record<"SECURE" | "COMMUNITY", readonly GpuType[]>>): readonly StockRow[] {
  return clouds.flatMap(({ side, cloud }) =>
    gpusOf[cloud]
      .filter((gpu) => gpu[side] !== false && gpu.maxCount?.[side] !== 0)
      .map((gpu) => ({
        provider: "runpod",
        gpuType: gpu.id,
        name: gpu.name === "" ? gpu.id : gpu.name,
        memoryGb: gpu.memory,
        maxCount: gpu.maxCount?.[side] ?? null,
        cloud,
        // RunPod's 0 is no price but the lack of one.
        costPerHourUsd: gpu.price?.[side] || null,
        stoppedUsdPerGbMonth,
        stock: gpu.availability?.toLowerCase() ?? null,
        regions: gpu.dataCenters
          .toSorted((a, b) => stockRank(a.availability) - stockRank(b.availability))
          .map(({ id, name, availability }) => ({ id, name, stock: availability?.toLowerCase() ?? null })),
      })),
  );
}
