import type { Template } from "../../contract/lab.js";
import type { Change } from "../store/store.js";
import { type Charges, charge, type RunSpan, ratesAt, type Slice } from "./charge.js";
import { tellExperimentCosts } from "./experiment-total.js";
import { readMeters, writeCharges, writeMeters } from "./ledger-rows.js";
import { type Meter, nextMeter, type PodSeen, sliceBetween } from "./meter.js";
import { createRunSpans } from "./run-spans.js";

/** What an experiment costs is told at most so often while it runs. */
const tellEveryMs = 30_000;

export interface Ledger {
  /**
   * Writes down what pods cost since they were last seen. Whoever looks at pods calls it once per look, inside the transaction of that
   * look, with every pod it saw (stopped and terminated ones too): the fleet for rented pods, local-meter.ts for this machine. It
   * remembers the last look itself, finds the experiments that ran meanwhile, and touches `costs` once. A pod that could not be seen
   * (provider down) is left out: the next look bridges the gap, as far as that is honest.
   */
  accrue(change: Change, seen: readonly PodSeen[]): Promise<void>;
}

/** The one writer of pod_costs and experiment_costs, apart from the provider's bill (reconcile.ts). */
export function createLedger({ templates }: { readonly templates: readonly Template[] }): Ledger {
  const runSpans = createRunSpans(templates);
  const toldAt = new Map<string, number>();

  return {
    async accrue(change, seen) {
      if (seen.length === 0) return;
      const meters = await readMeters(change);
      const at = Math.round(change.at);
      const slices = seen.flatMap((pod) => {
        const meter = meters.get(pod.podId);
        return (meter === undefined ? null : sliceBetween(meter, pod, at)) ?? [];
      });
      const spans = await runSpans(change, slices);
      const charges = slices.map((slice) => charge(slice, spans.get(slice.podId) ?? []));
      await writeCharges(change, charges);
      await writeMeters(
        change,
        seen.map((pod) => nextMeter(meters.get(pod.podId), pod, at)),
      );
      const rates = slices.flatMap((slice) => [...ratesAt(slice, spans.get(slice.podId) ?? [])]);
      const due = dueToTell(toldAt, charges, { at, ended: endedRuns(slices, spans) });
      await tellExperimentCosts(change, due, new Map(rates));
      const isNew = seen.some((pod) => isChanged(meters.get(pod.podId), pod));
      if (slices.length > 0 || isNew) touchHours(change, charges);
    },
  };
}

/** Wakes who shows costs, and tells which hours are different now (`costs:<ms of the hour>`). */
export function touchCosts(change: Change, hours: Iterable<number>): void {
  change.touch("costs");
  for (const hourAt of hours) change.touch(`costs:${hourAt}`);
}

const touchHours = (change: Change, charges: readonly Charges[]) =>
  touchCosts(change, new Set(charges.flatMap(({ pods }) => pods.map(({ hourAt }) => hourAt))));

/** What goes out per hour is different now. */
function isChanged(meter: Meter | undefined, seen: PodSeen): boolean {
  if (meter?.status !== seen.status) return true;
  const { costMicrosPerHour, stoppedMicrosPerHour } = seen;
  return meter.costMicrosPerHour !== costMicrosPerHour || meter.stoppedMicrosPerHour !== stoppedMicrosPerHour;
}

function endedRuns(slices: readonly Slice[], spans: ReadonlyMap<string, readonly RunSpan[]>): ReadonlySet<string> {
  const runs = slices.flatMap(({ podId, toMs }) => (spans.get(podId) ?? []).filter((run) => run.toMs <= toMs));
  return new Set(runs.map(({ experimentId }) => experimentId));
}

/** Those that have ended, and those that run and were not told of for a while. */
function dueToTell(
  toldAt: Map<string, number>,
  charges: readonly Charges[],
  { at, ended }: { at: number; ended: ReadonlySet<string> },
): string[] {
  const ids = new Set(charges.flatMap(({ experiments }) => experiments.map(({ experimentId }) => experimentId)));
  const due = [...ids].filter((id) => ended.has(id) || at - (toldAt.get(id) ?? -Infinity) >= tellEveryMs);
  for (const id of due) toldAt.set(id, at);
  for (const id of ended) toldAt.delete(id);
  return due;
}
