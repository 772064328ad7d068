import { sql } from "kysely";
import type { BilledHour } from "../../contract/provider.js";
import { apportion } from "../../core/micro-usd.js";
import { readSpec } from "../pods/pod-spec.js";
import type { Change, LabStore } from "../store/store.js";
import { hourOf } from "./charge.js";
import { tellExperimentCosts } from "./experiment-total.js";
import { touchCosts } from "./ledger.js";

interface Billed {
  readonly micros: number;
  readonly diskMicros: number;
}

const rowsPerStatement = 100;

/**
 * Writes a provider's bill beside what the lab counted; from then on the bill counts. Buckets that still fill are left out, a revised
 * bill replaces the one before, the same bill again changes nothing. Pods that the lab never saw stand under the provider's id until
 * it sees them. Both numbers are kept, so the difference stays known. Answers how many hours are different now.
 */
export async function enterBill(store: LabStore, provider: string, bill: readonly BilledHour[]): Promise<number> {
  const closed = bill.filter(({ open }) => !open);
  if (closed.length === 0) return 0;
  return store.change(async (change) => {
    const moved = await adoptPods(change, provider);
    const ids = await podIds(change, provider);
    const wanted = sumBuckets(closed, (providerId) => ids.get(providerId) ?? providerId);
    const changed = await changedHours(change, wanted);
    if (changed.length === 0 && moved.length === 0) return 0;
    await writeBill(change, changed);
    await shareBill(change, changed);
    touchCosts(change, new Set([...moved, ...changed.map(({ hourAt }) => hourAt)]));
    return changed.length;
  });
}

/** Pods that were billed before the lab saw them get their hours; answers which hours those are. */
async function adoptPods({ tx }: Change, provider: string): Promise<number[]> {
  const { rows } = await sql<{ id: string; provider_id: string; hour_at: number }>`
    select p.id, p.provider_id, c.hour_at from pods p join pod_costs c on c.pod_id = p.provider_id
    where p.provider = ${provider} and p.provider_id <> p.id`.execute(tx);
  for (const { id, provider_id: providerId, hour_at: hourAt } of rows) {
    await sql`delete from pod_costs where pod_id = ${providerId} and hour_at = ${hourAt}
      and exists (select 1 from pod_costs o where o.pod_id = ${id} and o.hour_at = ${hourAt})`.execute(tx);
    await sql`update pod_costs set pod_id = ${id} where pod_id = ${providerId} and hour_at = ${hourAt}`.execute(tx);
  }
  return rows.map((row) => row.hour_at);
}

async function podIds({ tx }: Change, provider: string): Promise<ReadonlyMap<string, string>> {
  const rows = await tx
    .selectFrom("pods")
    .select(["id", "provider_id", "spec"])
    .where("provider", "=", provider)
    .where("provider_id", "is not", null)
    .execute();
  const idsOf = ({ provider_id: now, spec }: (typeof rows)[number]) => [...readSpec(spec).formerIds, now ?? ""];
  return new Map(rows.flatMap((row) => idsOf(row).map((providerId) => [providerId, row.id])));
}

const keyOf = (podId: string, hourAt: number) => `${hourAt} ${podId}`;

/** Buckets of one pod and hour as one: RunPod may bill a pod that was restarted in two pieces. */
function sumBuckets(bill: readonly BilledHour[], podOf: (providerId: string) => string): ReadonlyMap<string, Billed> {
  const sums = new Map<string, Billed>();
  for (const { providerId, hourAt, micros, diskMicros } of bill) {
    const key = keyOf(podOf(providerId), hourOf(hourAt));
    const before = sums.get(key);
    sums.set(key, { micros: (before?.micros ?? 0) + micros, diskMicros: (before?.diskMicros ?? 0) + diskMicros });
  }
  return sums;
}

interface BilledPodHour extends Billed {
  readonly podId: string;
  readonly hourAt: number;
}

async function changedHours({ tx }: Change, wanted: ReadonlyMap<string, Billed>): Promise<BilledPodHour[]> {
  const hours = [...wanted.keys()].map((key) => {
    const space = key.indexOf(" ");
    return { hourAt: Number(key.slice(0, space)), podId: key.slice(space + 1), ...(wanted.get(key) as Billed) };
  });
  const known = new Map(
    (
      await tx
        .selectFrom("pod_costs")
        .select(["pod_id", "hour_at", "billed_micros", "billed_disk_micros"])
        .where("hour_at", ">=", Math.min(...hours.map(({ hourAt }) => hourAt)))
        .where("hour_at", "<=", Math.max(...hours.map(({ hourAt }) => hourAt)))
        .where("billed_micros", "is not", null)
        .execute()
    ).map((row) => [keyOf(row.pod_id, row.hour_at), row] as const),
  );
  return hours.filter(({ podId, hourAt, micros, diskMicros }) => {
    const row = known.get(keyOf(podId, hourAt));
    return row?.billed_micros !== micros || row.billed_disk_micros !== diskMicros;
  });
}

async function writeBill({ tx, at }: Change, hours: readonly BilledPodHour[]): Promise<void> {
  for (let from = 0; from < hours.length; from += rowsPerStatement) {
    await tx
      .insertInto("pod_costs")
      .values(
        hours.slice(from, from + rowsPerStatement).map(({ podId, hourAt, micros, diskMicros }) => ({
          pod_id: podId,
          hour_at: hourAt,
          billed_micros: micros,
          billed_disk_micros: diskMicros,
          billed_at: Math.round(at),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(["pod_id", "hour_at"]).doUpdateSet(({ ref }) => ({
          billed_micros: ref("excluded.billed_micros"),
          billed_disk_micros: ref("excluded.billed_disk_micros"),
          billed_at: ref("excluded.billed_at"),
        })),
      )
      .execute();
  }
}

/** Gives each experiment of an hour the part of the bill that it had of what the lab counted. */
async function shareBill(change: Change, hours: readonly BilledPodHour[]): Promise<void> {
  const { tx } = change;
  const touched = new Set<string>();
  for (const { podId, hourAt, micros, diskMicros } of hours) {
    const shares = await tx
      .selectFrom("experiment_costs")
      .select(["experiment_id", "micros"])
      .where("pod_id", "=", podId)
      .where("hour_at", "=", hourAt)
      .orderBy("experiment_id")
      .execute();
    if (shares.length === 0) continue;
    const counted = await tx
      .selectFrom("pod_costs")
      .select("gpu_micros")
      .where("pod_id", "=", podId)
      .where("hour_at", "=", hourAt)
      .executeTakeFirstOrThrow();
    const own = shares.map((row) => row.micros);
    const nobodys = Math.max(0, counted.gpu_micros - own.reduce((sum, part) => sum + part, 0));
    const parts = apportion(Math.max(0, micros - diskMicros), [...own, nobodys]);
    for (const [index, { experiment_id: id }] of shares.entries()) {
      touched.add(id);
      await tx
        .updateTable("experiment_costs")
        .set({ billed_micros: parts[index] ?? 0 })
        .where("experiment_id", "=", id)
        .where("pod_id", "=", podId)
        .where("hour_at", "=", hourAt)
        .execute();
    }
  }
  await tellExperimentCosts(change, [...touched]);
}
