import type { Template } from "../../contract/lab.js";
import { slotsByPod, slotsOf } from "../scheduler/slots.js";
import type { LabStore } from "../store/store.js";
import type { PricedPod } from "./burn.js";

/** Which part of a machine each other lab's experiments have now, by pod and lab: 0..1. */
export type GuestParts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** As the ledger counts it: by slots of the machine's. */
export async function readGuestParts(store: LabStore, templates: readonly Template[]): Promise<GuestParts> {
  const running = await store.db
    .selectFrom("experiments")
    .innerJoin("pods", "pods.id", "experiments.pod_id")
    .select(["pods.id", "pods.slots", "experiments.lab_id", "experiments.config", "experiments.template"])
    .where("experiments.status", "=", "running")
    .whereRef("experiments.lab_id", "<>", "pods.lab_id")
    .execute();
  const parts = new Map<string, Map<string, number>>();
  if (running.length === 0) return parts;
  const used = await slotsByPod(store, templates);
  for (const { id, slots, lab_id: labId, ...experiment } of running) {
    const whole = Math.max(1, slots, used.get(id)?.slots ?? 0);
    const byLab = parts.get(id) ?? new Map<string, number>();
    parts.set(id, byLab);
    byLab.set(labId, (byLab.get(labId) ?? 0) + slotsOf(experiment, templates) / whole);
  }
  return parts;
}

/** Pods at the price that a lab pays for them now; machines of another lab, of which it has nothing, are left out. */
export function pricedFor(labId: string, pods: readonly PricedPod[], parts: GuestParts): PricedPod[] {
  return pods.flatMap((pod) => {
    const byLab = parts.get(pod.id);
    if (pod.labId === labId && byLab === undefined) return [pod];
    const others = [...(byLab?.values() ?? [])].reduce((sum, part) => sum + part, 0);
    const part = pod.labId === labId ? 1 - others : (byLab?.get(labId) ?? 0);
    if (part <= 0 && pod.labId !== labId) return [];
    const { runningMicrosPerHour: whole } = pod;
    return [
      {
        ...pod,
        runningMicrosPerHour: whole === null ? null : Math.round(whole * Math.max(0, part)),
        // Who had how much of it since it was started is in the ledger, not in its price.
        startedAt: null,
      },
    ];
  });
}
