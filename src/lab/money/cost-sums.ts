import { sql } from "kysely";
import { homeLabOf } from "../services/lab-rows.js";
import type { LabStore } from "../store/store.js";
import { unbilledProviders } from "./billed.js";
import { createKeptHours, type Hours } from "./kept-hours.js";

/** What some hours of some pods come to: as billed where they are, else as the lab counted. Micro-dollars and ms. */
export interface Sums {
  readonly gpuMicros: number;
  readonly diskMicros: number;
  readonly idleMicros: number;
  readonly sharedMicros: number;
  readonly sharedGpuMs: number;
  readonly runningMs: number;
  /** Time of which nobody knows the price yet. */
  readonly unknownMs: number;
  /** Of pods that will be billed: hours that are not yet. */
  readonly unbilledHours: number;
  /** The first of them; null: there is none. */
  readonly unbilledFrom: number | null;
  /** The last billed hour; null: none is. */
  readonly lastBilled: number | null;
}

/** `knows`: some of it has a price. Without, the amounts say nothing. */
export const knows = (sums: Sums): boolean => totalMicros(sums) > 0 || sums.unknownMs === 0;

export const totalMicros = ({ gpuMicros, diskMicros }: Sums): number => gpuMicros + diskMicros;

/** Hours that start in a stretch of time. */
export interface Segment {
  readonly byPod: ReadonlyMap<string, Sums>;
  readonly total: Sums;
}

export interface CostSums {
  /** Of a lab. Kept until one of its hours is written again, so that only what changed is summed once more. */
  segment(labId: string, fromMs: number, toMs: number): Promise<Segment>;
}

/**
 * Sums of what a lab pays, by pod: its own pods entirely, but for what other labs' experiments had of a machine that serves every lab;
 * and what its own experiments had of such a machine of another lab. So all labs together pay every pod once, and what nobody used is
 * paid by the pod's lab. A month of 500 pods has 370,000 rows: they are not read for every look at the total.
 */
export function createCostSums(store: LabStore): CostSums {
  const kept = createKeptHours(store, (labId, hours) => readSegment(store, labId, hours));
  return { segment: (labId, fromMs, toMs) => kept(labId, { fromMs, toMs }) };
}

async function readSegment(store: LabStore, labId: string, { fromMs, toMs }: Hours): Promise<Segment> {
  // What was billed of pods that nobody has seen is the home lab's.
  const isHome = labId === (await homeLabOf(store.db));
  const own = isHome
    ? sql`pod_id not in (select id from pods where lab_id <> ${labId})`
    : sql`pod_id in (select id from pods where lab_id = ${labId})`;
  const billedGpu = sql`(billed_micros - billed_disk_micros)`;
  // A part of the lab's own count, as the same part of the bill.
  const scaled = (column: string) =>
    sql`sum(case when billed_micros is null or gpu_micros = 0 then ${sql.ref(column)}
      else ${sql.ref(column)} * ${billedGpu} / gpu_micros end)`;
  const { rows } = await sql<Sums & { podId: string; provider: string | null }>`
    select s.*, p.provider from (select pod_id as "podId",
      sum(coalesce(${billedGpu}, gpu_micros)) as "gpuMicros",
      sum(coalesce(billed_disk_micros, disk_micros)) as "diskMicros",
      ${scaled("idle_micros")} as "idleMicros",
      ${scaled("shared_micros")} as "sharedMicros",
      sum(shared_gpu_ms) as "sharedGpuMs",
      sum(running_ms) as "runningMs",
      sum(case when billed_micros is null then unknown_ms else 0 end) as "unknownMs",
      sum(case when billed_micros is null then 1 else 0 end) as "unbilledHours",
      min(case when billed_micros is null then hour_at end) as "unbilledFrom",
      max(case when billed_micros is not null then hour_at end) as "lastBilled"
      from pod_costs where hour_at >= ${fromMs} and hour_at < ${toMs} and ${own} group by pod_id) s
    left join pods p on p.id = s."podId"`.execute(store.db);
  const byPod = new Map<string, Sums>();
  for (const { podId, provider, ...sums } of rows) {
    const isBilled = provider === null || !unbilledProviders.includes(provider);
    byPod.set(podId, isBilled ? sums : { ...sums, unbilledHours: 0, unbilledFrom: null });
  }
  for (const { podId, sign, ...part } of await readGuests(store, labId, { fromMs, toMs })) {
    const total = { ...(byPod.get(podId) ?? nothing()) };
    for (const amount of shared) total[amount] += sign * part[amount];
    byPod.set(podId, total);
  }
  return { byPod, total: addUp(byPod.values()) };
}

const shared = ["gpuMicros", "sharedMicros", "sharedGpuMs", "runningMs"] as const;

type GuestPart = Record<(typeof shared)[number], number> & {
  readonly podId: string;
  /** 1: the lab was the guest; −1: it was the host. */
  readonly sign: 1 | -1;
};

/** What experiments had of machines of another lab. They are nobody's bill, so what was counted stands. */
async function readGuests({ db }: LabStore, labId: string, { fromMs, toMs }: Hours): Promise<readonly GuestPart[]> {
  const { rows } =
    await sql<GuestPart>`select c.pod_id as "podId", case when c.guest_lab_id = ${labId} then 1 else -1 end as sign,
      sum(c.micros) as "gpuMicros", sum(c.micros) as "sharedMicros", sum(c.gpu_ms) as "sharedGpuMs",
      coalesce(sum(c.gpu_ms) / nullif(max(p.gpu_count), 0), 0) as "runningMs"
    from experiment_costs c join pods p on p.id = c.pod_id
    where c.guest_lab_id is not null and c.hour_at >= ${fromMs} and c.hour_at < ${toMs}
      and (c.guest_lab_id = ${labId} or p.lab_id = ${labId}) and c.guest_lab_id <> p.lab_id
    group by c.pod_id, sign`.execute(db);
  return rows;
}

type Totals = { -readonly [Key in keyof Sums]: Sums[Key] };

const nothing = (): Totals => ({
  gpuMicros: 0,
  diskMicros: 0,
  idleMicros: 0,
  sharedMicros: 0,
  sharedGpuMs: 0,
  runningMs: 0,
  unknownMs: 0,
  unbilledHours: 0,
  unbilledFrom: null,
  lastBilled: null,
});

function add(total: Totals, sums: Sums): void {
  total.gpuMicros += sums.gpuMicros;
  total.diskMicros += sums.diskMicros;
  total.idleMicros += sums.idleMicros;
  total.sharedMicros += sums.sharedMicros;
  total.sharedGpuMs += sums.sharedGpuMs;
  total.runningMs += sums.runningMs;
  total.unknownMs += sums.unknownMs;
  total.unbilledHours += sums.unbilledHours;
  total.unbilledFrom =
    sums.unbilledFrom === null ? total.unbilledFrom : Math.min(total.unbilledFrom ?? Infinity, sums.unbilledFrom);
  total.lastBilled = sums.lastBilled === null ? total.lastBilled : Math.max(total.lastBilled ?? 0, sums.lastBilled);
}

export function addUp(all: Iterable<Sums>): Sums {
  const total = nothing();
  for (const sums of all) add(total, sums);
  return total;
}

/** Several segments as one. */
export function merge(segments: readonly Segment[]): Segment {
  const byPod = new Map<string, Totals>();
  for (const segment of segments) {
    for (const [podId, sums] of segment.byPod) {
      const total = byPod.get(podId) ?? nothing();
      byPod.set(podId, total);
      add(total, sums);
    }
  }
  return { byPod, total: addUp(segments.map(({ total }) => total)) };
}

/** As `merge`, and answers the same again while it is given the same segments: most of a month does not change any more. */
export function createMerger(): (segments: readonly Segment[]) => Segment {
  let given: readonly Segment[] | undefined;
  let merged = merge([]);
  return (segments) => {
    const isSame = given?.length === segments.length && segments.every((segment, index) => segment === given?.[index]);
    if (!isSame) [given, merged] = [segments, merge(segments)];
    return merged;
  };
}
