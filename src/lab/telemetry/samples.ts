import { setImmediate as nextTurn } from "node:timers/promises";
import type { TelemetrySample } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import { isShared } from "../pods/own-machines.js";
import type { LabStore } from "../store/store.js";
import { insertSamples, type ThinnedUntil, thinHistory } from "./history.js";
import { type Idle, type IdleRules, type IdleState, idleAt, idleRules, nextIdle, type WorkSeen } from "./idle.js";
import { cleanSample, type Reading, toRow } from "./reading.js";
import { createWindows } from "./windows.js";

const thinEveryMs = 10 * 60_000;
/** Fleets of more pods wake the watchers of the pods themselves only now and then: their numbers come with the telemetry. */
const smallFleet = 16;
const podsEveryMs = 15_000;

export interface PodTelemetryParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly rules?: IdleRules | undefined;
  readonly log: (line: string) => void;
}

export interface WindowOptions {
  readonly points?: number | undefined;
  readonly podId?: string | undefined;
}

/** What every pod did and does: this machine's, hosts' and rented ones alike. A lab sees its own, and the machines that serve all. */
export interface PodTelemetry {
  /** Takes up the idle clocks of an earlier life. Before the first reading. */
  start(): Promise<void>;
  /** Waits for what it does in the background. */
  stop(): Promise<void>;
  /**
   * One look at many pods, in one transaction (that of the change around it, where there is one). Wakes `telemetry`; `pods` when
   * work came or went; `idle` then too, without an events row.
   */
  record(readings: readonly Reading[], look: { readonly maxGapMs: number }): Promise<void>;
  /** The newest sample of each pod that has telemetry now; from memory. */
  latest(labId: string): readonly TelemetrySample[];
  newest(podId: string): TelemetrySample | null;
  /** A pod is not idle before `youngUntil`: it is being set up. */
  idle(podId: string, youngUntil?: number | null): Idle;
  /** Samples since a moment, ascending, the mean of what is known in each stretch; at most `points` (≤ 300) for each pod, fewer in large fleets. */
  window(labId: string, sinceMs: number, options?: WindowOptions): Promise<readonly TelemetrySample[]>;
  /** The pod has gone: its history stays, what is kept in memory goes. */
  forget(podId: string): void;
}

interface Known {
  /** null: of every lab. */
  readonly labId: string | null;
  readonly sample: TelemetrySample | null;
  readonly idle: IdleState | null;
}

/** Keeps the samples of all pods: the newest and the last day in memory, the rest in the store, thinner as they age. */
export function createPodTelemetry(parts: PodTelemetryParts): PodTelemetry {
  const { store, clock, rules = idleRules } = parts;
  const known = new Map<string, Known>();
  const windows = createWindows(store, clock);
  const thinner = createThinner(parts);
  let podsToldAt = -Infinity;
  let warming: Promise<void> = Promise.resolve();

  const take = (reading: Reading, at: number, maxGapMs: number) => {
    const sample = cleanSample(reading, at);
    const before = known.get(reading.podId)?.idle ?? null;
    const idle = sample === null ? null : nextIdle(before, workSeen(reading, sample, maxGapMs), rules);
    known.set(reading.podId, { labId: reading.labId, sample, idle });
    if (sample !== null) windows.add(sample);
    return { reading, sample, idle, isNews: before?.work !== idle?.work || before?.since !== idle?.since };
  };

  return {
    async start() {
      for (const [podId, state] of await idleStates(store)) known.set(podId, state);
      warming = windows
        .warm()
        .catch((error: unknown) => parts.log(`telemetry: the last day not read: ${String(error)}`));
    },

    async stop() {
      windows.stop();
      await Promise.all([thinner.stop(), warming]);
    },

    async record(readings, { maxGapMs }) {
      if (readings.length === 0) return;
      const at = Math.round(clock.now());
      await store.change(async ({ touch }) => {
        const taken = readings.map((reading) => take(reading, at, maxGapMs));
        const rows = taken.flatMap(({ reading, sample, idle }) => {
          const idleSince = idle?.work === "idle" ? idle.since : null;
          return sample === null ? [] : [toRow(sample, { slotsUsed: reading.slotsUsed, idleSince })];
        });
        await insertSamples(store, rows);
        const isNews = taken.some(({ isNews }) => isNews);
        touch("telemetry");
        if (isNews) touch("idle");
        if (isNews || readings.length <= smallFleet || Math.abs(at - podsToldAt) >= podsEveryMs) {
          podsToldAt = at;
          touch("pods");
        }
      });
      thinner.wake(at);
    },

    latest: (labId) =>
      [...known.values()].flatMap(({ labId: of, sample }) =>
        (of === null || of === labId) && sample !== null ? [sample] : [],
      ),
    newest: (podId) => known.get(podId)?.sample ?? null,
    idle: (podId, youngUntil = null) => idleAt(known.get(podId)?.idle ?? null, clock.now(), youngUntil),
    window: (labId, sinceMs, options = {}) => windows.read(labId, sinceMs, options),
    forget(podId) {
      known.delete(podId);
      windows.forget(podId);
    },
  };
}

function workSeen(reading: Reading, sample: TelemetrySample, maxGapMs: number): WorkSeen {
  const { slotsUsed, gpuCount, isThisMachine = false, uptimeSeconds = null } = reading;
  const isUptime = uptimeSeconds !== null && uptimeSeconds >= 0;
  return {
    ...sample,
    slotsUsed,
    gpuCount,
    isThisMachine,
    upSince: isUptime ? sample.at - uptimeSeconds * 1000 : null,
    maxGapMs,
  };
}

/** A lab that was away for longer than this knows nothing of the time between, whoever polls how often. */
const awayMs = 15_000;

/** The newest row of each pod says since when it was idle then; the next reading decides whether that goes on. */
async function idleStates(store: LabStore): Promise<Map<string, Known>> {
  const pods = await store.db
    .selectFrom("pods")
    .select(["id", "lab_id", "provider"])
    .where("status", "=", "running")
    .execute();
  const states = new Map<string, Known>();
  for (const { id, lab_id: owner, provider } of pods) {
    const row = await store.db
      .selectFrom("samples")
      .select(["at", "idle_since"])
      .where("pod_id", "=", id)
      .orderBy("at", "desc")
      .limit(1)
      .executeTakeFirst();
    if (row === undefined || row.idle_since === null) continue;
    const idle: IdleState = {
      work: "idle",
      since: row.idle_since,
      lastAt: row.at,
      maxGapMs: awayMs,
      holdsMemory: false,
    };
    states.set(id, { labId: isShared({ provider }) ? null : owner, sample: null, idle });
  }
  return states;
}

/** Thins the history of one pod after the other in the background, each every ten minutes, in slices. */
function createThinner({ store, log }: PodTelemetryParts) {
  const done = new Map<string, ThinnedUntil>();
  let thinnedAt = -Infinity;
  let working: Promise<void> | null = null;
  let stopped = false;

  const thinAll = async (now: number) => {
    const pods = await store.db.selectFrom("pods").select("id").execute();
    for (const { id } of pods) {
      if (stopped) return;
      const cursor: ThinnedUntil = done.get(id) ?? new Map<number, number>();
      done.set(id, cursor);
      await thinHistory(store, id, now, cursor);
      await nextTurn();
    }
  };
  return {
    wake(now: number) {
      if (working !== null || stopped || Math.abs(now - thinnedAt) < thinEveryMs) return;
      thinnedAt = now;
      // Outside of the change that woke it, whose transaction will be over.
      working = nextTurn()
        .then(() => thinAll(now))
        .catch((error: unknown) => log(`telemetry: history not thinned: ${String(error)}`))
        .finally(() => {
          working = null;
        });
    },
    async stop() {
      stopped = true;
      await working;
    },
  };
}
