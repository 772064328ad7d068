import type { LabSettings } from "../../contract/settings.js";
import { longDuration } from "../../core/duration.js";
import type { PodRow } from "./pod-row.js";
import { readSpec } from "./pod-spec.js";

const hourMs = 3_600_000;

/** A pod as far as the watchdog cares. */
export interface Watched {
  readonly row: PodRow;
  /** Experiments that run there now. */
  readonly experiments: readonly string[];
  /** ms; null: it works, or nobody knows. */
  readonly idleSince: number | null;
}

export type WatchdogDecision =
  | { readonly type: "none" }
  /** Its outputs are fetched first; `terminate` only when all are home, else it is stopped. */
  | { readonly type: "expire"; readonly action: "terminate" | "stop"; readonly why: string }
  | { readonly type: "autoStop"; readonly why: string };

/**
 * When a pod without work will be stopped; null: it won't be. Never one where an experiment runs, nor one that somebody else made
 * unless the lab or the pod is set so, nor one that is locked: its provider would not.
 */
export function autoStopAt({ row, experiments, idleSince }: Watched, settings: LabSettings): number | null {
  const hours = settings.autoStopIdleHours;
  if (hours === null || idleSince === null || row.status !== "running" || experiments.length > 0) return null;
  const isMeant =
    row.auto_stop === null ? row.created_by_lab === 1 || settings.autoStopForeignPods : row.auto_stop === 1;
  if (!isMeant || row.locked === 1) return null;
  return Math.round(Math.max(idleSince + hours * hourMs, row.postponed_until ?? 0));
}

/** What is due now. Pure. Nothing is ever terminated for being idle. */
export function decide(pod: Watched, settings: LabSettings, now: number): WatchdogDecision {
  const { row, idleSince } = pod;
  if (row.status !== "running") return { type: "none" };
  if (row.max_hours_at !== null && now >= row.max_hours_at) {
    const hours = readSpec(row.spec).maxHours;
    const why = hours === null ? "its hours are over" : `its ${hours} h are over`;
    return { type: "expire", action: row.max_hours_action ?? "terminate", why };
  }
  const stopAt = autoStopAt(pod, settings);
  if (stopAt === null || now < stopAt) return { type: "none" };
  return { type: "autoStop", why: `stopped after ${longDuration(now - (idleSince ?? now))} without work` };
}

/** The next moment at which `decide` may say something else. */
export function nextDue(pod: Watched, settings: LabSettings): number {
  if (pod.row.status !== "running") return Infinity;
  return Math.min(pod.row.max_hours_at ?? Infinity, autoStopAt(pod, settings) ?? Infinity);
}
