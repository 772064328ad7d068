import { needLab } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { resolveRefs } from "../services/experiment-dependencies.js";
import { eventOf } from "../services/experiment-events.js";
import { type ExperimentRow, missing, needRow, toExperiment } from "../services/experiment-rows.js";
import type { LabStore } from "../store/store.js";
import { isOwn } from "./find-pod.js";
import { isShared } from "./own-machines.js";
import type { PodRow } from "./pod-row.js";

/**
 * Pins a queued experiment to a pod: it starts there, before all others, and nowhere else. A pod that took no work takes it from now
 * on: somebody has just said so.
 */
export function deployOn(store: LabStore, pod: PodRow, experimentRef: string): Promise<void> {
  return store.change(async (change) => {
    const row = await experimentFor(change.tx, pod, experimentRef);
    if (pod.status === "terminated") throw new LabError("conflict", `${pod.name} is terminated: nothing runs there`);
    if (row.status !== "queued") {
      throw new LabError("conflict", `${row.display_id} is ${row.status}: only what is queued can be put on a pod`);
    }
    if (pod.accepts_work === 0 && !isOwn(pod)) {
      throw new LabError("conflict", `${pod.name} is drained: its own lab lets it take work again`);
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

/** On a rented pod an `EXP-054` is that of the pod's own lab. */
async function experimentFor(db: LabStore["db"], pod: PodRow, ref: string): Promise<ExperimentRow> {
  if (isShared(pod)) return needRow(db, ref);
  const own = (await resolveRefs(db, pod.lab_id, [ref])).get(ref);
  if (own === undefined) {
    const other = await needRow(db, ref);
    throw new LabError(
      "conflict",
      `${other.display_id} is of another lab: ${pod.name} serves the one that rented it alone`,
    );
  }
  needLab(own.lab_id, missing(ref));
  return own;
}
