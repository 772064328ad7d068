import { hourMs, microsOf } from "../../core/micro-usd.js";
import { ownProviders } from "../pods/own-machines.js";
import type { LabStore } from "../store/store.js";
import { unbilledProviders } from "./billed.js";

/** A pod as far as its present price matters. */
export interface PricedPod {
  readonly id: string;
  readonly labId: string;
  readonly name: string;
  readonly provider: string;
  readonly gpuCount: number;
  readonly status: string;
  readonly runningMicrosPerHour: number | null;
  readonly stoppedMicrosPerHour: number | null;
  readonly startedAt: number | null;
  readonly createdAt: number;
}

/** The pods that a lab may use, its own and those that serve every lab; or all of a provider. */
export async function readPods(
  db: LabStore["db"],
  of: { readonly labId: string } | { readonly provider: string },
): Promise<readonly PricedPod[]> {
  const rows = await db
    .selectFrom("pods")
    .select([
      "id",
      "lab_id",
      "name",
      "provider",
      "gpu_count",
      "status",
      "cost_per_hour_usd",
      "stopped_micros_per_hour",
      "started_at",
      "created_at",
    ])
    .where((is) =>
      "labId" in of
        ? is.or([is("lab_id", "=", of.labId), is("provider", "in", ownProviders)])
        : is("provider", "=", of.provider),
    )
    .orderBy("created_at")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    labId: row.lab_id,
    name: row.name,
    provider: row.provider,
    gpuCount: row.gpu_count,
    status: row.status,
    runningMicrosPerHour: microsOf(row.cost_per_hour_usd),
    stoppedMicrosPerHour: row.stopped_micros_per_hour,
    startedAt: row.started_at,
    createdAt: row.created_at,
  }));
}

/** What goes out every hour now. null: there is something that costs, and nobody knows what. */
export interface Burn {
  /** Pods that run, or come up and cost already: this machine without a price is none of them. */
  readonly podCount: number;
  readonly microsPerHour: number | null;
  readonly stoppedMicrosPerHour: number | null;
  /** What the running pods have cost since they were started. */
  readonly sinceStartMicros: number | null;
}

export const isRented = ({ provider }: Pick<PricedPod, "provider">): boolean => !unbilledProviders.includes(provider);

export function burnOf(pods: readonly PricedPod[], now: number): Burn {
  const paid = pods.filter((pod) => isRented(pod) || pod.runningMicrosPerHour !== null);
  const running = paid.filter(isPaidNow);
  const stopped = pods.filter((pod) => pod.status === "stopped" && isRented(pod));
  // Nothing of this lab costs, as far as anybody told: that is not known to be nothing.
  const none = paid.length === 0 ? null : 0;
  return {
    podCount: running.length,
    microsPerHour: sumKnown(running.map((pod) => pod.runningMicrosPerHour)) ?? (running.length === 0 ? none : null),
    stoppedMicrosPerHour:
      sumKnown(stopped.map((pod) => pod.stoppedMicrosPerHour)) ?? (stopped.length === 0 ? none : null),
    sinceStartMicros:
      sumKnown(
        running.map(({ runningMicrosPerHour: perHour, startedAt }) =>
          perHour === null || startedAt === null ? null : Math.round((perHour * Math.max(0, now - startedAt)) / hourMs),
        ),
      ) ?? (running.length === 0 ? none : null),
  };
}

/** A rented pod is billed from its creation on: one that comes up costs like one that runs, once its price is told. */
const isPaidNow = ({ status, runningMicrosPerHour }: PricedPod) =>
  status === "running" || (status === "creating" && (runningMicrosPerHour ?? 0) > 0);

/** Of the known ones; null where none is known. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
