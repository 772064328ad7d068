import * as os from "node:os";
import type { Gpu } from "../../contract/pod.js";
import { newDocumentId } from "../services/document-id.js";
import type { LabStore } from "../store/store.js";

export interface LocalPodOptions {
  readonly labId: string;
  /** Default: the number of CPUs. */
  readonly slots?: number | undefined;
  readonly costPerHourUsd?: number | null | undefined;
  /** Default: the host's name. */
  readonly name?: string | undefined;
}

/** This machine as the lab's pod: the same row at every start, with what is configured now. Answers its id. */
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
      .where("lab_id", "=", options.labId)
      .where("provider", "=", "local")
      .returning("id")
      .executeTakeFirst();
    const id = known?.id ?? newDocumentId();
    if (known === undefined) {
      const fixed = { id, lab_id: options.labId, provider: "local", accepts_work: 1, created_at: at };
      await tx
        .insertInto("pods")
        .values({ ...fixed, ...values, gpu_type: "CPU", gpu_count: 0 })
        .execute();
    }
    event("pod.started", id, { labId: options.labId, name: values.name, slots: values.slots });
    return id;
  });
}

/** Notes which GPUs the driver told of: jobs that ask for one may start now. */
export async function noteGpus(store: LabStore, podId: string, gpus: readonly Gpu[]): Promise<void> {
  await store.change(async ({ tx, at, event }) => {
    const gpuType = gpus[0]?.name ?? "CPU";
    await tx
      .updateTable("pods")
      .set({ gpu_type: gpuType, gpu_count: gpus.length, updated_at: at })
      .where("id", "=", podId)
      .execute();
    event("pod.updated", podId, { gpuType, gpuCount: gpus.length });
  });
}
