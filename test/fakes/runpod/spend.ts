import type { FakePod } from "./model.js";
import type { World } from "./world.js";

export interface Spend {
  readonly gpuUsd: number;
  readonly cpuUsd: number;
  readonly diskUsd: number;
}

const hourMs = 3_600_000;

/** What one pod cost between two times, straight from its spans. */
export function spendOf(pod: FakePod, fromMs: number, toMs: number): Spend {
  let gpuUsd = 0;
  let cpuUsd = 0;
  let diskUsd = 0;
  for (const span of pod.spans) {
    const start = Math.max(span.fromMs, fromMs);
    const hours = Math.max(0, Math.min(span.toMs ?? toMs, toMs) - start) / hourMs;
    gpuUsd += hours * span.gpuUsdPerHour;
    cpuUsd += hours * span.cpuUsdPerHour;
    diskUsd += hours * span.diskUsdPerHour;
  }
  return { gpuUsd, cpuUsd, diskUsd };
}

/** Everything all pods cost so far. */
export function spentUsd(world: World): number {
  let sum = 0;
  for (const pod of world.pods.values()) {
    const { gpuUsd, cpuUsd, diskUsd } = spendOf(pod, 0, world.now());
    sum += gpuUsd + cpuUsd + diskUsd;
  }
  return sum;
}
