import { setImmediate as nextTurn } from "node:timers/promises";
import type { TelemetrySample } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import { ownProviders } from "../pods/own-machines.js";
import { prepared } from "../store/prepared.js";
import type { LabStore } from "../store/store.js";
import { toSample } from "./reading.js";
import {
  addRecent,
  createRecent,
  hasRoom,
  type RecentSamples,
  recentMs,
  stretchMs,
  type WindowQuery,
  windowOf,
} from "./recent.js";
import { type SampleRow, thinSamples } from "./thin.js";

const mostPoints = 300;
/** Of all pods together: a fleet's sparklines, some megabytes on the wire. */
const mostSamples = 20_000;
/** So many pods are read from the store, at full rate. A million rows, as a large fleet has, would take seconds. */
const readPods = 4;

/**
 * Windows of telemetry. Few pods, or more than a day: from the store. A fleet: from the last day in memory, which is read from
 * the store when it is first asked for, in slices, and kept up to date from then on.
 */
export function createWindows(store: LabStore, clock: Clock) {
  const recent = new Map<string, RecentSamples>();
  let stopped = false;

  const rowsBetween = prepared<SampleRow>(store, (db) =>
    db
      .selectFrom("samples")
      .selectAll()
      .where("pod_id", "=", "")
      .where("at", ">=", 0)
      .where("at", "<", 0)
      .orderBy("at"),
  );
  const rowsSince = (podId: string, sinceMs: number) => rowsBetween(podId, sinceMs, Number.MAX_SAFE_INTEGER);

  const loadPod = async (podId: string, now: number) => {
    const samples: TelemetrySample[] = [];
    for (const { from, until } of daySlices(now)) {
      samples.push(...(await rowsBetween(podId, from, until)).map(toSample));
      if (until !== Number.MAX_SAFE_INTEGER) await nextTurn();
    }
    const mine = createRecent(podId, Math.max(0, ...samples.map(({ gpus }) => gpus.length)));
    for (const sample of samples) addRecent(mine, sample);
    recent.set(podId, mine);
  };
  /** Each caller reads what is missing by itself: one that waited for another's reading inside a transaction could wait for ever. */
  const load = async (podIds: readonly string[], now: number) => {
    for (const podId of podIds) {
      if (stopped) return;
      if (!recent.has(podId)) await loadPod(podId, now);
      await nextTurn();
    }
  };
  const stored = async (podId: string, query: WindowQuery) => {
    const rows = await rowsSince(podId, query.sinceMs);
    const resolutionMs = stretchMs(query);
    return (rows.length > query.points ? thinSamples(rows, resolutionMs) : rows).map(toSample);
  };

  return {
    add(sample: TelemetrySample) {
      const mine = recent.get(sample.podId);
      if (mine === undefined) return;
      if (hasRoom(mine, sample)) addRecent(mine, sample);
      else recent.delete(sample.podId);
    },

    forget: (podId: string) => void recent.delete(podId),

    /** No more reading in the background: the store is about to close. */
    stop: () => void (stopped = true),

    /** Reads the last day of a fleet, so that the first window need not. */
    async warm(): Promise<void> {
      const podIds = await podsOf(store);
      if (podIds.length > readPods) await load(podIds, clock.now());
    },

    async read(
      labId: string,
      sinceMs: number,
      { points = mostPoints, podId }: { points?: number | undefined; podId?: string | undefined },
    ): Promise<TelemetrySample[]> {
      const podIds = podId === undefined ? await podsOf(store, labId) : [podId];
      const share = Math.floor(mostSamples / Math.max(1, podIds.length));
      const query = { sinceMs, now: clock.now(), points: Math.max(2, Math.min(points, mostPoints, share)) };
      const isFleet = podIds.length > readPods && query.now - sinceMs <= recentMs;
      if (isFleet) await load(podIds, query.now);
      const samples: TelemetrySample[] = [];
      for (const id of podIds) {
        const mine = recent.get(id);
        if (isFleet) samples.push(...(mine === undefined ? [] : windowOf(mine, query)));
        else samples.push(...(await stored(id, query)));
        // More than a day of many pods: others come in between.
        if (!isFleet && podIds.length > readPods) await nextTurn();
      }
      return samples.sort((a, b) => a.at - b.at);
    },
  };
}

/** Pods that are gone have no place among those of now. */
async function podsOf({ db }: LabStore, labId?: string): Promise<string[]> {
  const query = db.selectFrom("pods").select("id").where("status", "<>", "terminated");
  const rows = await (labId === undefined
    ? query
    : query.where((is) => is.or([is("lab_id", "=", labId), is("provider", "in", ownProviders)]))
  ).execute();
  return rows.map(({ id }) => id);
}

/** The last day in pieces of some 200 rows: a minute apart at first, and at full rate in the last hour. The last piece has no end. */
function daySlices(now: number): { from: number; until: number }[] {
  const hourMs = 3_600_000;
  const starts = [
    ...Array.from({ length: 6 }, (_, index) => now - recentMs + index * 4 * hourMs),
    ...[60, 45, 30, 15].map((minutes) => now - minutes * 60_000),
  ].sort((a, b) => a - b);
  return starts.map((from, index) => ({ from, until: starts[index + 1] ?? Number.MAX_SAFE_INTEGER }));
}
