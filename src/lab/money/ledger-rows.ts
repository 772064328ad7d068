import { createBulkInsert } from "../store/bulk-insert.js";
import type { Change } from "../store/store.js";
import type { Charges } from "./charge.js";
import type { Meter } from "./meter.js";

const podColumns = [
  "gpu_micros",
  "disk_micros",
  "idle_micros",
  "shared_micros",
  "shared_gpu_ms",
  "running_ms",
  "unknown_ms",
] as const;

type PodCostRow = Record<"pod_id", string> & Record<"hour_at" | (typeof podColumns)[number], number>;

/** Adds to the hours of pods. */
const addToPods = createBulkInsert<PodCostRow>((db, rows) =>
  db
    .insertInto("pod_costs")
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(["pod_id", "hour_at"])
        .doUpdateSet(({ eb, ref }) =>
          Object.fromEntries(
            podColumns.map((column) => [column, eb(ref(`pod_costs.${column}`), "+", ref(`excluded.${column}`))]),
          ),
        ),
    ),
);

type ExperimentCostRow = Record<"experiment_id" | "pod_id", string> &
  Record<"hour_at" | "micros" | "gpu_ms", number> &
  Record<"guest_lab_id", string | null>;

const addToExperiments = createBulkInsert<ExperimentCostRow>((db, rows) =>
  db
    .insertInto("experiment_costs")
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(["experiment_id", "hour_at", "pod_id"]).doUpdateSet(({ eb, ref }) => ({
        micros: eb("experiment_costs.micros", "+", ref("excluded.micros")),
        gpu_ms: eb("experiment_costs.gpu_ms", "+", ref("excluded.gpu_ms")),
      })),
    ),
);

type MeterRow = Record<"pod_id" | "status", string> &
  Record<"at", number> &
  Record<"cost_micros_per_hour" | "stopped_micros_per_hour" | "idle", number | null>;

const setMeters = createBulkInsert<MeterRow>((db, rows) =>
  db
    .insertInto("pod_meters")
    .values(rows)
    .onConflict((conflict) =>
      conflict.column("pod_id").doUpdateSet(({ ref }) => ({
        at: ref("excluded.at"),
        status: ref("excluded.status"),
        cost_micros_per_hour: ref("excluded.cost_micros_per_hour"),
        stopped_micros_per_hour: ref("excluded.stopped_micros_per_hour"),
        idle: ref("excluded.idle"),
      })),
    ),
);

export async function writeCharges({ tx }: Change, charges: readonly Charges[]): Promise<void> {
  await addToPods(
    tx,
    charges
      .flatMap(({ pods }) => pods)
      .map((row) => ({
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
  );
  await addToExperiments(
    tx,
    charges
      .flatMap(({ experiments }) => experiments)
      .map((row) => ({
        experiment_id: row.experimentId,
        pod_id: row.podId,
        hour_at: row.hourAt,
        micros: row.micros,
        gpu_ms: row.gpuMs,
        guest_lab_id: row.guestLabId,
      })),
  );
}

export async function readMeters({ tx }: Change): Promise<ReadonlyMap<string, Meter>> {
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

export async function writeMeters({ tx }: Change, meters: readonly Meter[]): Promise<void> {
  await setMeters(
    tx,
    meters.map((meter) => ({
      pod_id: meter.podId,
      at: meter.at,
      status: meter.status,
      cost_micros_per_hour: meter.costMicrosPerHour,
      stopped_micros_per_hour: meter.stoppedMicrosPerHour,
      idle: meter.idle === null ? null : Number(meter.idle),
    })),
  );
}
