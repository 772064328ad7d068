import { LabError } from "../lab-error.js";
import { eventOf } from "../services/experiment-events.js";
import { needRow, toExperiment } from "../services/experiment-rows.js";
import type { LabStore } from "../store/store.js";
import type { PodRow } from "./pod-row.js";

/**
 * Pins a queued experiment to a pod: it starts there, before all others, and nowhere else. A pod that took no work takes it from now
 * on: somebody has just said so.
 */
export function deployOn(store: LabStore, pod: PodRow, experimentRef: string): Promise<void> {
  return store.change(async (change) => {
    const row = await needRow(change.tx, experimentRef);
    if (pod.status === "terminated") throw new LabError("conflict", `${pod.name} is terminated: nothing runs there`);
    if (row.status !== "queued") {
      throw new LabError("conflict", `${row.display_id} is ${row.status}: only what is queued can be put on a pod`);
    }
    const waits = pod.status === "running" ? "" : `, which is ${pod.status}`;
    const updated = await change.tx
      .updateTable("experiments")
      .set({ pinned_pod_id: pod.id, status_reason: `put on ${pod.name}${waits}`, updated_at: change.at })
      .where("id", "=", row.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    if (pod.accepts_work === 0) {
      const values = { accepts_work: 1, updated_at: change.at };
      await change.tx.updateTable("pods").set(values).where("id", "=", pod.id).execute();
    }
    eventOf(change, "updated", toExperiment(updated), { podId: pod.id });
    change.event("pod.deployed", pod.id, { labId: row.lab_id, name: pod.name, experimentId: row.display_id });
  });
}
