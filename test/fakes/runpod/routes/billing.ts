import { ok } from "../answer.js";
import { type BillingWindow, billingWindow } from "../billing-window.js";
import { diskUsdPerGbMonth, hoursPerMonth } from "../catalog-data.js";
import type { FakePod } from "../model.js";
import { rfc3339 } from "../pod-wire.js";
import type { Asked, Route } from "../route.js";
import { spendOf } from "../spend.js";
import type { NetworkVolume, World } from "../world.js";

/** Bills are written every few minutes, and late. */
export function billedUntil({ now, billing }: World): number {
  const late = now() - billing.lagMs;
  return billing.stepMs === 0 ? late : Math.floor(late / billing.stepMs) * billing.stepMs;
}

type Bucket = BillingWindow["buckets"][number];
type PodAmounts = { totalAmount: number; gpuAmount: number; cpuAmount: number; diskAmount: number };

/** Dollars to the micro-dollar, as sums of doubles would not be. */
const usd = (value: number): number => Math.round(value * 1e6) / 1e6;

function podAmounts(world: World, pod: FakePod, { startMs, endMs }: Bucket): PodAmounts {
  const spend = spendOf(pod, startMs, Math.min(endMs, billedUntil(world)));
  const revised = world.billing.revisions
    .filter(({ podId, atMs }) => podId === pod.id && atMs >= startMs && atMs < endMs)
    .reduce((sum, { deltaUsd }) => sum + deltaUsd, 0);
  const gpuAmount = usd(spend.gpuUsd + revised);
  const cpuAmount = usd(spend.cpuUsd);
  const diskAmount = usd(spend.diskUsd);
  return { totalAmount: usd(gpuAmount + cpuAmount + diskAmount), gpuAmount, cpuAmount, diskAmount };
}

const sum = <T extends Record<string, number>>(zero: T, parts: readonly T[]): T => {
  const total: Record<string, number> = { ...zero };
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) total[name] = usd((total[name] ?? 0) + value);
  }
  return total as T;
};

const noPodAmounts: PodAmounts = { totalAmount: 0, gpuAmount: 0, cpuAmount: 0, diskAmount: 0 };
const times = ({ startMs, endMs }: Bucket) => ({ startTime: rfc3339(startMs), endTime: rfc3339(endMs) });

/** One record per pod and bucket with spend in it; with `podId` every bucket. Terminated pods are billed all the same. */
function pods({ world, query }: Asked) {
  const window = billingWindow(query, world.now());
  const podId = query.get("podId");
  const chosen = [...world.pods.values()].filter((pod) => podId === null || pod.id === podId);
  const rows = window.buckets.flatMap((bucket) =>
    chosen.flatMap((pod) => {
      const amounts = podAmounts(world, pod, bucket);
      return podId === null && amounts.totalAmount === 0 ? [] : [{ bucket, pod, amounts }];
    }),
  );
  return ok({
    records: rows.map(({ bucket, pod, amounts }) => ({ ...times(bucket), podId: pod.id, ...amounts })),
    metadata: {
      query: { ...window.query, podId },
      recordCount: rows.length,
      uniquePodCount: new Set(rows.map(({ pod }) => pod)).size,
      totals: sum(
        noPodAmounts,
        rows.map(({ amounts }) => amounts),
      ),
    },
  });
}

function volumeUsd(world: World, volume: NetworkVolume, { startMs, endMs }: Bucket): number {
  const hours = (Math.min(endMs, billedUntil(world)) - Math.max(startMs, volume.createdAt)) / 3_600_000;
  return usd((Math.max(0, hours) * volume.size * diskUsdPerGbMonth.network) / hoursPerMonth);
}

const noVolumeAmounts = { totalAmount: 0, standardAmount: 0, highPerformanceAmount: 0 };

function networkVolumes({ world, query }: Asked) {
  const window = billingWindow(query, world.now());
  const networkVolumeId = query.get("networkVolumeId");
  const chosen = [...world.volumes.values()].filter(({ id }) => networkVolumeId === null || id === networkVolumeId);
  const rows = window.buckets.flatMap((bucket) =>
    chosen.map((volume) => {
      const totalAmount = volumeUsd(world, volume, bucket);
      const isStandard = volume.type === "STANDARD";
      const amounts = {
        totalAmount,
        standardAmount: isStandard ? totalAmount : 0,
        highPerformanceAmount: isStandard ? 0 : totalAmount,
      };
      return { bucket, volume, amounts };
    }),
  );
  return ok({
    records: rows.map(({ bucket, volume, amounts }) => ({ ...times(bucket), networkVolumeId: volume.id, ...amounts })),
    metadata: {
      query: { ...window.query, networkVolumeId },
      recordCount: rows.length,
      uniqueNetworkVolumeCount: chosen.length,
      totals: sum(
        noVolumeAmounts,
        rows.map(({ amounts }) => amounts),
      ),
    },
  });
}

const noAmounts = {
  totalAmount: 0,
  podGpuAmount: 0,
  podCpuAmount: 0,
  podDiskAmount: 0,
  serverlessGpuAmount: 0,
  serverlessCpuAmount: 0,
  serverlessDiskAmount: 0,
  serverlessFeeAmount: 0,
  storageStandardAmount: 0,
  storageHighPerformanceAmount: 0,
  endpointAmount: 0,
  clusterGpuAmount: 0,
  clusterDiskAmount: 0,
  clusterNetworkingAmount: 0,
};

function all({ world, query }: Asked) {
  const window = billingWindow(query, world.now());
  const rows = window.buckets.map((bucket) => {
    const parts = [...world.pods.values()].map((pod) => podAmounts(world, pod, bucket));
    const pod = sum(noPodAmounts, parts);
    const storage = [...world.volumes.values()].reduce((total, volume) => total + volumeUsd(world, volume, bucket), 0);
    const amounts = {
      ...noAmounts,
      totalAmount: usd(pod.totalAmount + storage),
      podGpuAmount: pod.gpuAmount,
      podCpuAmount: pod.cpuAmount,
      podDiskAmount: pod.diskAmount,
      storageStandardAmount: usd(storage),
    };
    return { bucket, amounts };
  });
  return ok({
    records: rows.map(({ bucket, amounts }) => ({ ...times(bucket), ...amounts })),
    metadata: {
      query: window.query,
      recordCount: rows.length,
      totals: sum(
        noAmounts,
        rows.map(({ amounts }) => amounts),
      ),
    },
  });
}

export const billingRoutes: readonly Route[] = [
  { method: "GET", path: "/v2/billing", area: "billing", answer: all },
  { method: "GET", path: "/v2/billing/pods", area: "billing", answer: pods },
  { method: "GET", path: "/v2/billing/network-volumes", area: "billing", answer: networkVolumes },
];
