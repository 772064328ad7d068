import * as os from "node:os";
import type { Gpu } from "../../contract/pod.js";
import { newDocumentId } from "../services/document-id.js";
import { homeLabOf } from "../services/lab-rows.js";
import type { LabStore } from "../store/store.js";

export interface LocalPodOptions {
  /** Default: the number of CPUs. */
  readonly slots?: number | undefined;
  readonly costPerHourUsd?: number | null | undefined;
  /** Default: the host's name. */
  readonly name?: string | undefined;
}

/** This machine as a pod: the same row at every start, with what is configured now. Answers its id. */
export async function registerLocalPod(store: LabStore, options: LocalPodOptions): Promise<string> {
  return store.change(async ({ tx, at, event }) => {
    const values = {
      name: options.name ?? os.hostname(),
      slots: options.slots ?? os.availableParallelism(),
      cost_per_hour_usd: options.costPerHourUsd ?? null,
      status: "running",
      status_reason: null,
      started_at: at,
      updated_at: at,
    };
    const known = await tx
      .updateTable("pods")
      .set(values)
      .where("provider", "=", "local")
      .returning(["id", "lab_id"])
      .executeTakeFirst();
    const id = known?.id ?? newDocumentId();
    const labId = known?.lab_id ?? (await homeLabOf(tx));
    if (known === undefined) {
      const fixed = { id, lab_id: labId, provider: "local", accepts_work: 1, created_at: at };
      await tx
        .insertInto("pods")
        .values({ ...fixed, ...values, gpu_type: "CPU", gpu_count: 0 })
        .execute();
    }
    event("pod.running", id, { labId, name: values.name, slots: values.slots });
    return id;
  });
}

/** Notes which GPUs the driver told of: jobs that ask for one may start now. */
export async function noteGpus(store: LabStore, podId: string, gpus: readonly Gpu[]): Promise<void> {
  await store.change(async ({ tx, at, event }) => {
    const gpuType = gpus[0]?.name ?? "CPU";
    const row = await tx
      .updateTable("pods")
      .set({ gpu_type: gpuType, gpu_count: gpus.length, updated_at: at })
      .where("id", "=", podId)
      .returning("lab_id")
      .executeTakeFirst();
    event("pod.updated", podId, { labId: row?.lab_id, gpuType, gpuCount: gpus.length });
  });
}
