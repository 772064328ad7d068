import type { Template } from "../../contract/lab.js";
import { type ConfigSource, runConfig } from "../services/experiment-config.js";
import type { LabStore } from "../store/store.js";

/** Slots that an experiment takes: `config.slots`, its own or its template's; 1 where the config can't be read. */
export function slotsOf(experiment: ConfigSource, templates: readonly Template[]): number {
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
    .leftJoin("template_versions", "template_versions.id", "experiments.template_version")
    .select(["display_id", "config", "template", "content as template_content"])
    .where("status", "=", "running")
    .where("pod_id", "=", podId)
    .orderBy("n")
    .execute();
  return {
    slots: rows.reduce((sum, row) => sum + slotsOf(row, templates), 0),
    displayIds: rows.map((row) => row.display_id),
  };
}

/** The same of every pod at once: one query however many there are. */
export async function slotsByPod(
  store: LabStore,
  templates: readonly Template[],
): Promise<ReadonlyMap<string, { readonly slots: number; readonly displayIds: readonly string[] }>> {
  const rows = await store.db
    .selectFrom("experiments")
    .leftJoin("template_versions", "template_versions.id", "experiments.template_version")
    .select(["display_id", "config", "template", "pod_id", "content as template_content"])
    .where("status", "=", "running")
    .orderBy("n")
    .execute();
  const byPod = new Map<string, { slots: number; displayIds: string[] }>();
  for (const row of rows) {
    if (row.pod_id === null) continue;
    const used = byPod.get(row.pod_id) ?? { slots: 0, displayIds: [] };
    byPod.set(row.pod_id, used);
    used.slots += slotsOf(row, templates);
    used.displayIds.push(row.display_id);
  }
  return byPod;
}
