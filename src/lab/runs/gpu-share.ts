import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runFiles } from "../executors/executor.js";
import type { LabStore } from "../store/store.js";

/**
 * Which GPUs of a pod an experiment may see, as CUDA_VISIBLE_DEVICES: its share by slots, those first that no other run has.
 * null: the pod has one slot or one GPU, and the run sees what there is.
 */
export async function gpuShare(store: LabStore, podId: string, slots: number): Promise<string | null> {
  const pod = await store.db
    .selectFrom("pods")
    .select(["slots", "gpu_count"])
    .where("id", "=", podId)
    .executeTakeFirst();
  if (pod === undefined || pod.slots < 2 || pod.gpu_count < 2) return null;
  const taken = new Map<number, number>();
  for (const gpu of await takenGpus(store, podId)) taken.set(gpu, (taken.get(gpu) ?? 0) + 1);
  const all = Array.from({ length: pod.gpu_count }, (_, index) => index);
  const wanted = Math.max(1, Math.floor((pod.gpu_count * slots) / pod.slots));
  const byUse = all.sort((a, b) => (taken.get(a) ?? 0) - (taken.get(b) ?? 0) || a - b);
  return byUse
    .slice(0, wanted)
    .sort((a, b) => a - b)
    .join(",");
}

/** As the commands of the runs there say, so that a lab that was restarted knows it as well. */
async function takenGpus(store: LabStore, podId: string): Promise<number[]> {
  const rows = await store.db
    .selectFrom("runs")
    .select("dir")
    .where("pod_id", "=", podId)
    .where("state", "<>", "ended")
    .execute();
  const commands = await Promise.all(rows.map(({ dir }) => readFile(join(dir, runFiles.cmd), "utf8").catch(() => "")));
  return commands.flatMap((text) => {
    const list = /^export CUDA_VISIBLE_DEVICES=([\d,]+)$/m.exec(text)?.[1];
    return list === undefined ? [] : list.split(",").map(Number);
  });
}
