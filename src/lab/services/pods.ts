import type { Selectable } from "kysely";
import type { Template } from "../../contract/lab.js";
import { notRented, type Pod, PodStatus } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import { LabError } from "../lab-error.js";
import { usedSlots } from "../scheduler/slots.js";
import type { PodsTable } from "../store/schema.js";
import type { LabStore } from "../store/store.js";
import type { Telemetry } from "../telemetry/sampler.js";
import type { PodTelemetry } from "../telemetry/samples.js";
import type { PodsService } from "./service.js";

const hourMs = 3_600_000;

export interface PodsParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly templates: readonly Template[];
  /** Of the local pod. */
  readonly telemetry: Telemetry;
  /** Of all pods. */
  readonly samples: PodTelemetry;
}

/** Where experiments run. This machine is a pod too: start and stop mean that it accepts work or drains. */
export function createPods(parts: PodsParts): PodsService {
  const { store } = parts;

  const rowOf = async (id: string) => {
    const row = await store.db.selectFrom("pods").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw new LabError("not_found", `Pod ${id} does not exist.`);
    return row;
  };

  const accept = async (id: string, accepts: boolean) =>
    store.change(async ({ tx, at, event }) => {
      const row = await rowOf(id);
      if (row.accepts_work === (accepts ? 1 : 0)) return toPod(parts, row);
      const updated = await tx
        .updateTable("pods")
        .set({
          accepts_work: accepts ? 1 : 0,
          status_reason: accepts ? null : "drained: running experiments go on, no new one starts",
          updated_at: at,
        })
        .where("id", "=", id)
        .returningAll()
        .executeTakeFirstOrThrow();
      event(accepts ? "pod.started" : "pod.stopped", id, { name: row.name, acceptsWork: accepts });
      return toPod(parts, updated);
    });

  return {
    async list(labId) {
      const rows = await store.db
        .selectFrom("pods")
        .selectAll()
        .where("lab_id", "=", labId)
        .orderBy("created_at")
        .execute();
      const pods: Pod[] = [];
      for (const row of rows) pods.push(await toPod(parts, row));
      return pods;
    },
    get: async (id) => toPod(parts, await rowOf(id)),
    start: (id) => accept(id, true),
    stop: (id) => accept(id, false),

    create: () => notYet("made"),
    patch: () => notYet("changed"),
    restart: () => notYet("restarted"),
    terminate: () => notYet("terminated"),
    deploy: () => notYet("given an experiment"),
    fetchOutputs: () => notYet("asked for outputs"),
    stock: () => Promise.resolve([]),
    followLog() {
      throw new LabError("validation_error", "This machine has no log of its own.");
    },
    latest: (labId) => Promise.resolve(parts.samples.latest(labId)),
    telemetry: (labId, sinceMs, options) => parts.samples.window(labId, sinceMs, options),
  };
}

const notYet = (what: string) =>
  Promise.reject(new LabError("validation_error", `This machine can't be ${what} from here.`));

async function toPod({ store, clock, templates, telemetry }: PodsParts, row: Selectable<PodsTable>): Promise<Pod> {
  const isHere = row.id === telemetry.podId;
  const used = await usedSlots(store, row.id, templates);
  return {
    ...notRented,
    _id: row.id,
    _creationTime: row.created_at,
    id: row.id,
    labId: row.lab_id,
    provider: row.provider,
    name: row.name,
    gpuType: row.gpu_type,
    gpuCount: row.gpu_count,
    status: PodStatus.parse(row.status),
    statusReason: row.status_reason,
    acceptsWork: row.accepts_work === 1,
    slots: row.slots,
    slotsUsed: used.slots,
    gpus: isHere ? [...telemetry.gpus()] : [],
    costPerHourUsd: row.cost_per_hour_usd,
    costTodayUsd: costToday(row, clock.now()),
    idleMinutes: isHere ? telemetry.idleMinutes() : null,
    experiments: [...used.displayIds],
    last: isHere ? telemetry.latest() : null,
    startedAt: row.started_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** What the machine costs since midnight here, or since the lab first knew it. It costs whether it works or not. */
export function costToday(
  { cost_per_hour_usd: perHourUsd, created_at: createdAt }: Pick<PodsTable, "cost_per_hour_usd" | "created_at">,
  now: number,
): number | null {
  if (perHourUsd === null) return null;
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  return (perHourUsd * Math.max(0, now - Math.max(midnight, createdAt))) / hourMs;
}
