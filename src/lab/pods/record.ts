import type { Template } from "../../contract/lab.js";
import { PodStatus } from "../../contract/pod.js";
import type { SeenPod } from "../../contract/provider.js";
import { type Ledger } from "../money/ledger.js";
import type { PodSeen } from "../money/meter.js";
import { slotsByPod } from "../scheduler/slots.js";
import { newDocumentId } from "../services/document-id.js";
import { homeLabOf } from "../services/lab-rows.js";
import type { Change, LabStore } from "../store/store.js";
import { type Idle, maxGapMs } from "../telemetry/idle.js";
import type { Reading } from "../telemetry/reading.js";
import type { PodTelemetry } from "../telemetry/samples.js";
import { isShared } from "./own-machines.js";
import { changesOf, columnsOf, drainedWords, type PodRow, type PodValues, readTrouble } from "./pod-row.js";
import type { Provider } from "./provider.js";

export interface RecordParts {
  readonly store: LabStore;
  readonly templates: readonly Template[];
  readonly ledger: Ledger;
  readonly telemetry: PodTelemetry;
  readonly lastSystemLine: (podId: string) => string | null;
}

/** What a look at a provider brought. */
export interface Look {
  readonly at: number;
  readonly seen: readonly SeenPod[];
  /** The whole list, or some pods only. */
  readonly complete: boolean;
  /** Provider ids that are not in the list and that nobody knows any more. */
  readonly gone: readonly string[];
  /** How often it is looked now. */
  readonly everyMs: number;
}

export interface Recorded {
  /** Every pod of the provider that has not ended, as its row is now. */
  readonly rows: readonly PodRow[];
  /** Those that are on another machine, under another id, than before. */
  readonly moved: readonly PodRow[];
  /** Those that were there before and are switched off or gone since. */
  readonly left: readonly { readonly row: PodRow; readonly reason: string }[];
}

/** Made, but nobody knows under which id: the request's answer was lost. Until then it is looked for by its name. */
const lookedForMs = 15 * 60_000;

/**
 * Writes a look at a provider in one transaction: new pods, what changed of the known ones, telemetry, what the time since the look
 * before cost, and what happened as events. A pod that did not change is not written.
 */
export function recordLook(parts: RecordParts, provider: Provider, look: Look): Promise<Recorded> {
  return parts.store.change(async (change) => {
    const known = await change.tx
      .selectFrom("pods")
      .selectAll()
      .where("provider", "=", provider.name)
      .where("status", "<>", "terminated")
      .execute();
    const recorder = { parts, provider, look, change };
    const now: Now[] = [];
    for (const { before, seen } of match(known, look)) {
      const row = await recordOne(recorder, before, seen);
      if (row !== null) now.push({ before, row, seen });
    }
    await measure(recorder, now);
    const rows = now.map(({ row }) => row);
    const left = now.flatMap(({ before, row }) => {
      const reason = before === undefined ? null : reasonToLeave(before, row);
      return reason === null ? [] : [{ row, reason }];
    });
    const moved = now.flatMap(({ before, row }) => (before !== undefined && hasMoved(before, row) ? [row] : []));
    return { rows, moved, left };
  });
}

interface Now extends Match {
  readonly row: PodRow;
}

/** Telemetry first: it tells whether the time that is paid for was idle. */
async function measure({ parts, look, change }: Recorder, now: readonly Now[]): Promise<void> {
  const { telemetry, ledger, store, templates } = parts;
  const looked = now.filter(({ seen }) => seen !== undefined);
  if (looked.length === 0) return;
  const used = await slotsByPod(store, templates);
  const readings = looked.map(({ row, seen }) => readingOf(row, seen ?? null, used.get(row.id)?.slots ?? 0));
  await telemetry.record(readings, { maxGapMs: maxGapMs(look.everyMs) });
  await ledger.accrue(
    change,
    looked.map(({ row }) => meterOf(row, telemetry.idle(row.id))),
  );
}

const readingOf = (row: PodRow, seen: SeenPod | null, slotsUsed: number): Reading => ({
  podId: row.id,
  labId: isShared(row) ? null : row.lab_id,
  sample: row.status === "running" ? (seen?.sample ?? null) : null,
  costPerHourUsd: row.cost_per_hour_usd,
  slotsUsed,
  gpuCount: row.gpu_count,
  uptimeSeconds: seen?.uptimeSeconds ?? null,
});

/** RunPod's price counts from the creation on: a pod that comes up is paid like one that runs. */
function meterOf(row: PodRow, { idleMinutes, idleSince }: Idle): PodSeen {
  const cost = row.cost_per_hour_usd;
  const isPaid = row.status === "creating" && (cost ?? 0) > 0;
  return {
    podId: row.id,
    status: isPaid ? "running" : PodStatus.parse(row.status),
    costMicrosPerHour: cost === null ? null : Math.round(cost * 1e6),
    stoppedMicrosPerHour: row.stopped_micros_per_hour,
    idle: idleMinutes === null ? null : idleSince !== null,
    slots: row.slots,
    gpuCount: row.gpu_count,
  };
}

interface Recorder {
  readonly parts: RecordParts;
  readonly provider: Provider;
  readonly look: Look;
  readonly change: Change;
}

/** A known pod without a sighting (`seen` undefined) is as it was; with `null` it is gone. */
interface Match {
  readonly before: PodRow | undefined;
  readonly seen: SeenPod | null | undefined;
}

/** By id; by name where the id is not known yet, or was another: RunPod gives a pod that it moves to another machine a new one. */
function match(known: readonly PodRow[], { seen, gone }: Look): Match[] {
  const byId = new Map(known.flatMap((row) => (row.provider_id === null ? [] : [[row.provider_id, row] as const])));
  const byName = new Map(known.flatMap((row) => (row.provider_id === null ? [[row.name, row] as const] : [])));
  const moved = new Map(
    known.filter((row) => row.provider_id !== null && gone.includes(row.provider_id)).map((row) => [row.name, row]),
  );
  const matches: Match[] = [];
  const found = new Set<string>();
  for (const pod of seen) {
    const before = byId.get(pod.providerId) ?? byName.get(pod.name) ?? moved.get(pod.name);
    if (before !== undefined) {
      found.add(before.id);
      byName.delete(pod.name);
      moved.delete(pod.name);
    }
    matches.push({ before, seen: pod });
  }
  for (const row of known) {
    if (found.has(row.id)) continue;
    const isGone = row.provider_id !== null && gone.includes(row.provider_id);
    matches.push({ before: row, seen: isGone ? null : undefined });
  }
  return matches;
}

/** The row as it is now; null for a pod that is not worth one. */
async function recordOne(recorder: Recorder, before: PodRow | undefined, seen: Match["seen"]): Promise<PodRow | null> {
  const { look } = recorder;
  if (seen === undefined) {
    if (before === undefined) return null;
    const isLost = before.provider_id === null && look.complete && look.at - before.created_at > lookedForMs;
    return isLost ? endRow(recorder, before, "was never made: its provider does not know it") : before;
  }
  if (seen === null) return before === undefined ? null : endRow(recorder, before, vanished(recorder.provider));
  if (before === undefined) return seen.status === "terminated" ? null : insertRow(recorder, seen);
  return updateRow(recorder, before, columnsOf(before, sightingOf(recorder, seen, before)));
}

const vanished = ({ label }: Provider) => `gone: ${label} does not know it any more`;

function sightingOf({ parts, provider, look }: Recorder, seen: SeenPod, before: PodRow | undefined) {
  return {
    seen,
    at: look.at,
    slots: provider.slotsOf?.(seen.providerId) ?? Math.max(1, seen.gpuCount),
    identityFile: provider.identityFileOf?.(seen.providerId) ?? null,
    drained: !provider.rents && before?.accepts_work === 0 ? drainedWords : null,
    lastSystemLine: before === undefined ? null : parts.lastSystemLine(before.id),
  };
}

/** A pod that somebody else made takes no work until a person says so: it has its own business. */
async function insertRow(recorder: Recorder, seen: SeenPod): Promise<PodRow> {
  const { provider, look, change } = recorder;
  const labId = await homeLabOf(change.tx);
  const fixed = { id: newDocumentId(), lab_id: labId, provider: provider.name, seen_at: look.at };
  const row = await change.tx
    .insertInto("pods")
    .values({
      ...columnsOf(undefined, sightingOf(recorder, seen, undefined)),
      ...fixed,
      accepts_work: provider.rents ? 0 : 1,
      created_at: look.at,
      updated_at: look.at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  tell(change, "pod.created", row, { found: true });
  return row;
}

async function updateRow({ change, look }: Recorder, before: PodRow, values: PodValues): Promise<PodRow> {
  const changes = changesOf(before, values);
  if (Object.keys(changes).length === 0 && look.complete) return before;
  const row = await change.tx
    .updateTable("pods")
    .set({ ...changes, seen_at: look.at, updated_at: look.at })
    .where("id", "=", before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  tellChange(change, before, row);
  return row;
}

async function endRow(recorder: Recorder, before: PodRow, reason: string): Promise<PodRow> {
  const { look } = recorder;
  const values = { status: "terminated", status_reason: reason, trouble: null, max_hours_at: null, ended_at: look.at };
  return updateRow(recorder, before, { ...before, ...values });
}

const hasMoved = (before: PodRow, row: PodRow) => before.provider_id !== null && before.provider_id !== row.provider_id;

/** Wakes the scheduler only where something happened that it could care about. */
function tellChange(change: Change, before: PodRow, row: PodRow): void {
  change.touch("pods");
  const [was, is] = [readTrouble(before.trouble), readTrouble(row.trouble)];
  if (is !== null && is.code !== was?.code) tell(change, "pod.trouble", row, { ...is });
  if (was !== null && is === null) tell(change, "pod.recovered", row, { code: was.code });
  if (hasMoved(before, row)) tell(change, "pod.moved", row, { from: before.provider_id });
  if (row.status !== before.status) tell(change, `pod.${statusEvents[row.status] ?? "updated"}`, row);
  else if (row.gpu_count !== before.gpu_count || row.gpu_type !== before.gpu_type || row.spec !== before.spec) {
    tell(change, "pod.updated", row);
  }
}

const statusEvents: Readonly<Record<string, string>> = {
  creating: "starting",
  running: "running",
  stopped: "stopped",
  terminated: "terminated",
};

/** The payload is enough to show what happened without asking again. */
export function tell(change: Change, topic: string, row: PodRow, more: Readonly<Record<string, unknown>> = {}): void {
  const { name, provider, status, status_reason: reason } = row;
  change.event(topic, row.id, { labId: row.lab_id, name, provider, status, reason, ...more });
}

/** Why its runs are over; null while they may go on. */
function reasonToLeave(before: PodRow, row: PodRow): string | null {
  if (row.status === before.status) return null;
  if (row.status === "terminated") return `its pod ${row.name} is gone`;
  return row.status === "stopped" ? `its pod ${row.name} was stopped` : null;
}
