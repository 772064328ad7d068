import type { Template } from "../../contract/lab.js";
import type { Change } from "../store/store.js";
import {
  type Charges,
  charge,
  type ExperimentCharge,
  type PodCharge,
  type RunSpan,
  ratesAt,
  type Slice,
} from "./charge.js";
import { tellExperimentCosts } from "./experiment-total.js";
import { type Meter, nextMeter, type PodSeen, sliceBetween } from "./meter.js";
import { createRunSpans } from "./run-spans.js";

/** What an experiment costs is told at most so often while it runs. */
const tellEveryMs = 30_000;
/** Rows of one statement: few distinct statements, far from SQLite's limit of variables. */
const rowsPerStatement = 100;

export interface Ledger {
  /**
   * Writes down what pods cost since they were last seen. Whoever looks at pods calls it once per look, inside the transaction of that
   * look, with every pod it saw (stopped and terminated ones too): the fleet for rented pods, local-meter.ts for this machine. It
   * remembers the last look itself, finds the experiments that ran meanwhile, and touches `costs` once. A pod that could not be seen
   * (provider down) is left out: the next look bridges the gap, as far as that is honest.
   */
  accrue(change: Change, seen: readonly PodSeen[]): Promise<void>;
}

/** The one writer of pod_costs and experiment_costs, apart from the provider's bill (reconcile.ts). */
export function createLedger({ templates }: { readonly templates: readonly Template[] }): Ledger {
  const runSpans = createRunSpans(templates);
  const toldAt = new Map<string, number>();

  return {
    async accrue(change, seen) {
      if (seen.length === 0) return;
      const meters = await readMeters(change);
      const at = Math.round(change.at);
      const slices = seen.flatMap((pod) => {
        const meter = meters.get(pod.podId);
        return (meter === undefined ? null : sliceBetween(meter, pod, at)) ?? [];
      });
      const spans = await runSpans(change, slices);
      const charges = slices.map((slice) => charge(slice, spans.get(slice.podId) ?? []));
      await writeCharges(change, charges);
      await writeMeters(
        change,
        seen.map((pod) => nextMeter(meters.get(pod.podId), pod, at)),
      );
      const rates = slices.flatMap((slice) => [...ratesAt(slice, spans.get(slice.podId) ?? [])]);
      const due = dueToTell(toldAt, charges, { at, ended: endedRuns(slices, spans) });
      await tellExperimentCosts(change, due, new Map(rates));
      const isNew = seen.some((pod) => isChanged(meters.get(pod.podId), pod));
      if (slices.length > 0 || isNew) touchHours(change, charges);
    },
  };
}

/** Wakes who shows costs, and tells which hours are different now (`costs:<ms of the hour>`). */
export function touchCosts(change: Change, hours: Iterable<number>): void {
  change.touch("costs");
  for (const hourAt of hours) change.touch(`costs:${hourAt}`);
}

const touchHours = (change: Change, charges: readonly Charges[]) =>
  touchCosts(change, new Set(charges.flatMap(({ pods }) => pods.map(({ hourAt }) => hourAt))));

/** What goes out per hour is different now. */
function isChanged(meter: Meter | undefined, seen: PodSeen): boolean {
  if (meter?.status !== seen.status) return true;
  const { costMicrosPerHour, stoppedMicrosPerHour } = seen;
  return meter.costMicrosPerHour !== costMicrosPerHour || meter.stoppedMicrosPerHour !== stoppedMicrosPerHour;
}

function endedRuns(slices: readonly Slice[], spans: ReadonlyMap<string, readonly RunSpan[]>): ReadonlySet<string> {
  const runs = slices.flatMap(({ podId, toMs }) => (spans.get(podId) ?? []).filter((run) => run.toMs <= toMs));
  return new Set(runs.map(({ experimentId }) => experimentId));
}

/** Those that have ended, and those that run and were not told of for a while. */
function dueToTell(
  toldAt: Map<string, number>,
  charges: readonly Charges[],
  { at, ended }: { at: number; ended: ReadonlySet<string> },
): string[] {
  const ids = new Set(charges.flatMap(({ experiments }) => experiments.map(({ experimentId }) => experimentId)));
  const due = [...ids].filter((id) => ended.has(id) || at - (toldAt.get(id) ?? -Infinity) >= tellEveryMs);
  for (const id of due) toldAt.set(id, at);
  for (const id of ended) toldAt.delete(id);
  return due;
}

async function readMeters({ tx }: Change): Promise<ReadonlyMap<string, Meter>> {
  const rows = await tx.selectFrom("pod_meters").selectAll().execute();
  return new Map(
    rows.map((row) => [
      row.pod_id,
      {
        podId: row.pod_id,
        at: row.at,
        status: row.status,
        costMicrosPerHour: row.cost_micros_per_hour,
        stoppedMicrosPerHour: row.stopped_micros_per_hour,
        idle: row.idle === null ? null : row.idle === 1,
      },
    ]),
  );
}

async function writeMeters({ tx }: Change, meters: readonly Meter[]): Promise<void> {
  for (const some of portions(meters)) {
    await tx
      .insertInto("pod_meters")
      .values(
        some.map((meter) => ({
          pod_id: meter.podId,
          at: meter.at,
          status: meter.status,
          cost_micros_per_hour: meter.costMicrosPerHour,
          stopped_micros_per_hour: meter.stoppedMicrosPerHour,
          idle: meter.idle === null ? null : Number(meter.idle),
        })),
      )
      .onConflict((conflict) =>
        conflict.column("pod_id").doUpdateSet(({ ref }) => ({
          at: ref("excluded.at"),
          status: ref("excluded.status"),
          cost_micros_per_hour: ref("excluded.cost_micros_per_hour"),
          stopped_micros_per_hour: ref("excluded.stopped_micros_per_hour"),
          idle: ref("excluded.idle"),
        })),
      )
      .execute();
  }
}

async function writeCharges(change: Change, charges: readonly Charges[]): Promise<void> {
  for (const some of portions(charges.flatMap(({ pods }) => pods))) await addToPods(change, some);
  for (const some of portions(charges.flatMap(({ experiments }) => experiments))) await addToExperiments(change, some);
}

async function addToPods({ tx }: Change, charges: readonly PodCharge[]): Promise<void> {
  const columns = [
    "gpu_micros",
    "disk_micros",
    "idle_micros",
    "shared_micros",
    "shared_gpu_ms",
    "running_ms",
    "unknown_ms",
  ] as const;
  await tx
    .insertInto("pod_costs")
    .values(
      charges.map((row) => ({
        pod_id: row.podId,
        hour_at: row.hourAt,
        gpu_micros: row.gpuMicros,
        disk_micros: row.diskMicros,
        idle_micros: row.idleMicros,
        shared_micros: row.sharedMicros,
        shared_gpu_ms: row.sharedGpuMs,
        running_ms: row.runningMs,
        unknown_ms: row.unknownMs,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(["pod_id", "hour_at"])
        .doUpdateSet(({ eb, ref }) =>
          Object.fromEntries(
            columns.map((column) => [column, eb(ref(`pod_costs.${column}`), "+", ref(`excluded.${column}`))]),
          ),
        ),
    )
    .execute();
}

async function addToExperiments({ tx }: Change, charges: readonly ExperimentCharge[]): Promise<void> {
  await tx
    .insertInto("experiment_costs")
    .values(
      charges.map((row) => ({
        experiment_id: row.experimentId,
        pod_id: row.podId,
        hour_at: row.hourAt,
        micros: row.micros,
        gpu_ms: row.gpuMs,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(["experiment_id", "pod_id", "hour_at"]).doUpdateSet(({ eb, ref }) => ({
        micros: eb("experiment_costs.micros", "+", ref("excluded.micros")),
        gpu_ms: eb("experiment_costs.gpu_ms", "+", ref("excluded.gpu_ms")),
      })),
    )
    .execute();
}

function* portions<T>(rows: readonly T[]): Iterable<readonly T[]> {
  for (let from = 0; from < rows.length; from += rowsPerStatement) yield rows.slice(from, from + rowsPerStatement);
}
