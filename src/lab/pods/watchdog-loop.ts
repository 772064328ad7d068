import type { Template } from "../../contract/lab.js";
import type { LabSettings } from "../../contract/settings.js";
import type { Clock } from "../../core/clock.js";
import { toFailure } from "../../core/failure.js";
import { slotsByPod } from "../scheduler/slots.js";
import type { SettingsService } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import type { PodTelemetry } from "../telemetry/samples.js";
import type { Acts } from "./acts.js";
import type { PodRow } from "./pod-row.js";
import type { PodRuns } from "./ports.js";
import type { Provider } from "./provider.js";
import { tell } from "./record.js";
import { decide, nextDue, type WatchdogDecision, type Watched } from "./watchdog.js";

export interface WatchdogParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly templates: readonly Template[];
  readonly settings: Pick<SettingsService, "get">;
  readonly telemetry: Pick<PodTelemetry, "idle">;
  readonly runs: PodRuns;
  readonly acts: Acts;
  /** Aborts when the lab ends: what is not done then is due again at the next start. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export interface Watchdog {
  /** Called after each look with the provider's rows; answers when it wants the next look at the latest. */
  heed(provider: Provider, rows: readonly PodRow[]): Promise<number>;
  /** Resolves when what was due has been done, or has failed. */
  settled(): Promise<void>;
}

const firstRetryMs = 60_000;
const longestRetryMs = 15 * 60_000;

/** Does what is due for pods by their lab's rules: max hours and idle pods. It works only while the lab runs, and so it is said everywhere. */
export function createWatchdog(parts: WatchdogParts): Watchdog {
  const { clock, log } = parts;
  const failed = new Map<string, { readonly times: number; readonly again: number }>();
  const working = new Map<string, Promise<void>>();

  const carryOut = async (row: PodRow, decision: Exclude<WatchdogDecision, { type: "none" }>) => {
    try {
      if (decision.type === "autoStop") await autoStop(parts, row, decision.why);
      else await expire(parts, row, decision);
      failed.delete(row.id);
    } catch (error) {
      const hasWork = decision.type === "autoStop" && (await slotsByPod(parts.store, parts.templates)).has(row.id);
      if (parts.signal.aborted || hasWork) return;
      const times = (failed.get(row.id)?.times ?? 0) + 1;
      const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (times - 1));
      failed.set(row.id, { times, again: clock.now() + waitMs });
      const { message } = toFailure(error);
      log(`${row.name}: ${decision.why}, but: ${message}`);
      if (times === 1) await noteFailure(parts, row, `${decision.why}, but it could not be switched off: ${message}`);
    }
  };

  return {
    async heed(provider, rows) {
      if (!provider.rents) return Infinity;
      const rules = await rulesOf(rows, parts.settings);
      const used = await slotsByPod(parts.store, parts.templates);
      let next = Infinity;
      for (const [row, settings] of rules) {
        const { idleSince } = parts.telemetry.idle(row.id);
        const pod: Watched = { row, experiments: used.get(row.id)?.displayIds ?? [], idleSince };
        const decision = decide(pod, settings, clock.now());
        const again = failed.get(row.id)?.again ?? -Infinity;
        if (decision.type === "none") {
          next = Math.min(next, nextDue(pod, settings));
        } else if (clock.now() < again) {
          next = Math.min(next, again);
        } else if (!working.has(row.id) && parts.acts.underWay(row.id) === undefined) {
          const work = carryOut(row, decision).finally(() => working.delete(row.id));
          working.set(row.id, work);
        }
      }
      return next;
    },
    async settled() {
      while (working.size > 0) await Promise.all(working.values());
    },
  };
}

/** Each pod with the settings of its lab, which are read once. */
export async function rulesOf(
  rows: readonly PodRow[],
  settings: Pick<SettingsService, "get">,
): Promise<(readonly [PodRow, LabSettings])[]> {
  const byLab = new Map<string, LabSettings>();
  const pairs: (readonly [PodRow, LabSettings])[] = [];
  for (const row of rows) {
    const known = byLab.get(row.lab_id) ?? (await settings.get(row.lab_id));
    byLab.set(row.lab_id, known);
    pairs.push([row, known]);
  }
  return pairs;
}

async function autoStop({ store, acts }: WatchdogParts, row: PodRow, why: string): Promise<void> {
  await acts.stop(row, { why, unlessBusy: true });
  await tellNow(store, row, "pod.autoStopped", { why });
}

/** Max hours are the seed's promise that it terminates; what is only on the pod is worth more than the promise. */
async function expire(
  { store, acts, runs }: WatchdogParts,
  row: PodRow,
  { action, why }: { action: "terminate" | "stop"; why: string },
): Promise<void> {
  const { left, reason } = action === "terminate" ? await runs.fetchOutputs(row.id) : { left: [], reason: null };
  if (action === "terminate" && left.length === 0) {
    await acts.terminate(row, { why: `terminated: ${why}` });
  } else if (action === "terminate") {
    const because = reason === null ? "" : `: ${reason}`;
    const kept = `outputs of ${left.join(", ")} are only on it${because}; fetch them, then terminate it`;
    await acts.stop(row, { why: `stopped, not terminated: ${why}, but ${kept}` });
  } else {
    await acts.stop(row, { why: `stopped: ${why}` });
  }
  await tellNow(store, row, "pod.expired", { why, left });
}

function tellNow(store: LabStore, row: PodRow, topic: string, payload: Readonly<Record<string, unknown>>) {
  return store.change((change) => {
    tell(change, topic, row, payload);
    return Promise.resolve();
  });
}

function noteFailure({ store }: WatchdogParts, row: PodRow, message: string): Promise<void> {
  const trouble = { code: "watchdogFailed", message };
  return store.change(async (change) => {
    const values = { trouble: JSON.stringify(trouble), updated_at: change.at };
    await change.tx.updateTable("pods").set(values).where("id", "=", row.id).where("status", "=", "running").execute();
    tell(change, "pod.trouble", row, trouble);
  });
}
