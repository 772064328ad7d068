import type { RunpodPod } from "./pod.js";

// RunPod's price list of 2026-08 in micro-dollars per GB and month (runpod-api §4.5). No API tells it.
const stoppedVolume = 200_000;
const networkVolume = { firstTb: 70_000, more: 50_000 };

/** Hours of a month, as RunPod counts them. */
const monthHours = 730;

export const stoppedUsdPerGbMonth = stoppedVolume / 1_000_000;

const perHour = (microsPerMonth: number) => Math.round(microsPerMonth / monthHours);

/**
 * What a pod costs while it is stopped, which its `cost` of 0 does not say: its volume, at twice the price of a running one.
 * null: RunPod did not tell how big it is.
 */
export function stoppedMicrosPerHour({ mounts }: Pick<RunpodPod, "mounts">): number | null {
  if (mounts === null) return null;
  if (mounts.persistent === null) return 0;
  return mounts.persistent.size === null ? null : perHour(mounts.persistent.size * stoppedVolume);
}

/** A network volume costs the same whether anything mounts it or not. */
export function networkVolumeMicrosPerHour(sizeGb: number): number {
  const firstTb = Math.min(sizeGb, 1000);
  return perHour(firstTb * networkVolume.firstTb + (sizeGb - firstTb) * networkVolume.more);
}

/** Of a stopped pod, USD per month. */
export const stoppedMonthUsd = (microsPerHour: number | null) =>
  microsPerHour === null ? null : Math.round((microsPerHour * monthHours) / 10_000) / 100;
