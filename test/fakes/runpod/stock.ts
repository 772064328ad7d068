import { dataCenterData, gpuData } from "./catalog-data.js";
import type { CloudWord } from "./model.js";

export type Level = "NONE" | "LOW" | "MEDIUM" | "HIGH";

/** Free GPUs by type, cloud and place; what creating takes and stopping gives back. */
export interface Stock {
  free(gpuId: string, cloud: CloudWord, dataCenterId: string): number;
  /** `"*"`: in every place that offers it. */
  set(gpuId: string, dataCenterId: string, free: number, cloud?: CloudWord): void;
  take(gpuId: string, cloud: CloudWord, dataCenterId: string, count: number): boolean;
  give(gpuId: string, cloud: CloudWord, dataCenterId: string, count: number): void;
  /** Places that have `count` on one machine, fullest first. */
  places(gpuId: string, cloud: CloudWord, count: number): readonly string[];
  level(gpuId: string, cloud: CloudWord, dataCenterId: string, count: number): Level;
  /** Places that offer the type at all, even when it is sold out there. */
  offeredIn(gpuId: string, cloud: CloudWord): readonly string[];
}

export function createStock(): Stock {
  const cells = new Map<string, number>();
  const key = (gpuId: string, cloud: CloudWord, dataCenterId: string) => `${gpuId}|${cloud}|${dataCenterId}`;
  for (const gpu of gpuData) {
    for (const [dataCenterId, free] of Object.entries(gpu.free)) {
      cells.set(key(gpu.id, "SECURE", dataCenterId), free);
      if (gpu.maxCount.community > 0) cells.set(key(gpu.id, "COMMUNITY", dataCenterId), Math.floor(free / 4));
    }
  }
  const free: Stock["free"] = (gpuId, cloud, dataCenterId) => cells.get(key(gpuId, cloud, dataCenterId)) ?? 0;
  const offeredIn: Stock["offeredIn"] = (gpuId, cloud) =>
    dataCenterData.map(({ id }) => id).filter((id) => cells.has(key(gpuId, cloud, id)));
  return {
    free,
    offeredIn,
    set: (gpuId, dataCenterId, count, cloud = "SECURE") => {
      const places = dataCenterId === "*" ? offeredIn(gpuId, cloud) : [dataCenterId];
      for (const place of places) cells.set(key(gpuId, cloud, place), count);
    },
    take: (gpuId, cloud, dataCenterId, count) => {
      const left = free(gpuId, cloud, dataCenterId) - count;
      if (left < 0) return false;
      cells.set(key(gpuId, cloud, dataCenterId), left);
      return true;
    },
    give: (gpuId, cloud, dataCenterId, count) => {
      cells.set(key(gpuId, cloud, dataCenterId), free(gpuId, cloud, dataCenterId) + count);
    },
    places: (gpuId, cloud, count) =>
      offeredIn(gpuId, cloud)
        .filter((id) => free(gpuId, cloud, id) >= count)
        .sort((a, b) => free(gpuId, cloud, b) - free(gpuId, cloud, a)),
    level: (gpuId, cloud, dataCenterId, count) => levelOf(free(gpuId, cloud, dataCenterId), count),
  };
}

function levelOf(free: number, count: number): Level {
  const pods = Math.floor(free / count);
  if (pods < 1) return "NONE";
  if (pods <= 2) return "LOW";
  return pods <= 8 ? "MEDIUM" : "HIGH";
}

/** The best of several levels. */
export function bestLevel(levels: readonly Level[]): Level {
  const order: readonly Level[] = ["HIGH", "MEDIUM", "LOW"];
  return order.find((level) => levels.includes(level)) ?? "NONE";
}
