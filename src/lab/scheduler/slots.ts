import type { Template } from "../../contract/lab.js";
import { runConfig } from "../services/experiment-config.js";
import type { LabStore } from "../store/store.js";

/** Slots that an experiment takes: `config.slots`, its own or its template's; 1 where the config can't be read. */
export function slotsOf(
  experiment: { readonly config: string; readonly template: string | null },
  templates: readonly Template[],
): number {
  try {
    return runConfig(experiment, templates).slots ?? 1;
  } catch {
    return 1;
  }
}

/** What runs on a pod, and how many slots that takes. */
export async function usedSlots(
  store: LabStore,
  podId: string,
  templates: readonly Template[],
): Promise<{ slots: number; displayIds: readonly string[] }> {
  const rows = await store.db
    .selectFrom("experiments")
    .select(["display_id", "config", "template"])
    .where("status", "=", "running")
    .where("pod_id", "=", podId)
    .orderBy("n")
    .execute();
  return {
    slots: rows.reduce((sum, row) => sum + slotsOf(row, templates), 0),
    displayIds: rows.map((row) => row.display_id),
  };
}
