import type { ClientTime } from "../../clients/http/time.js";
import type { RunpodClient } from "../../clients/runpod/index.js";
import { goneFrom, seenPod } from "../../clients/runpod/pod-state.js";
import type { Sink, Unsubscribe } from "../../contract/connection.js";
import { type IdleState, idleAt, maxGapMs, nextIdle } from "../../contract/idle.js";
import type { Pod, TelemetrySample } from "../../contract/pod.js";
import type { SeenPod } from "../../contract/provider.js";
import { FailureError, toFailure } from "../../core/failure.js";
import { createHistory, type History } from "./history.js";
import { roomPod } from "./pod.js";
import type { SystemLines } from "./system-lines.js";

export interface FleetParts {
  readonly client: RunpodClient;
  readonly time: ClientTime;
  readonly everyMs: number;
  readonly systemLines: SystemLines;
  /** Today's and this month's USD of a pod, where a bill has come. */
  readonly costOf: (podId: string) => { readonly todayUsd: number | null; readonly monthUsd: number | null };
}

/** The pods of the account as they were at the last look, and who wants to know. */
export interface Fleet {
  readonly history: History;
  pods(): readonly Pod[];
  /** Looks at all of them now. Rejects with FailureError. */
  look(): Promise<void>;
  /** Looks at one and tells everybody; null: RunPod does not know it any more. */
  lookAt(id: string): Promise<SeenPod | null>;
  watch(sink: Sink<readonly Pod[]>): Unsubscribe;
  watchSamples(sink: Sink<readonly TelemetrySample[]>): Unsubscribe;
}

interface Row {
  readonly seen: SeenPod;
  readonly at: number;
  readonly idle: IdleState | null;
}

/** In the first minutes nothing that a pod does or does not is worth a warning. */
const youngMs = 15 * 60_000;
/** Pods that vanished from the list are asked for one by one; so many in one look. */
const mostAskedFor = 5;

export function createFleet({ client, time, everyMs, systemLines, costOf }: FleetParts): Fleet {
  const history = createHistory();
  const rows = new Map<string, Row>();
  const sinks = new Set<Sink<readonly Pod[]>>();
  const sampleSinks = new Set<Sink<readonly TelemetrySample[]>>();
  let hasLooked = false;

  const note = (seen: SeenPod): void => {
    const at = time.now();
    const idle = idleAfter(rows.get(seen.providerId)?.idle ?? null, seen, {
      at,
      everyMs: client.governor.paceMs(everyMs),
    });
    rows.set(seen.providerId, { seen, at, idle });
    systemLines.follow(seen.providerId, seen.status === "creating");
    if (seen.sample === null) return;
    history.add({ ...seen.sample, podId: seen.providerId, at, costPerHourUsd: seen.costPerHourUsd });
  };

  const pods = (): readonly Pod[] =>
    [...rows.values()]
      .map(({ seen, at, idle }) =>
        roomPod(seen, {
          at,
          idle: idleAt(idle, time.now(), seen.startedAt === null ? null : seen.startedAt + youngMs),
          last: seen.status === "running" ? history.last(seen.providerId) : null,
          lastSystemLine: systemLines.last(seen.providerId),
          ...costOf(seen.providerId),
        }),
      )
      .sort((a, b) => b.createdAt - a.createdAt);

  const tell = (): void => {
    hasLooked = true;
    const now = pods();
    for (const sink of sinks) sink.next(now);
    const samples = history.newest();
    for (const sink of sampleSinks) sink.next(samples);
  };

  /** A pod that is on no list may be hidden by a page that was cut: only a 404 is its end. */
  const askForMissing = async (listed: ReadonlySet<string>): Promise<void> => {
    const missing = [...rows.values()].filter(
      ({ seen }) => seen.status !== "terminated" && !listed.has(seen.providerId),
    );
    for (const { seen } of missing.slice(0, mostAskedFor)) {
      const pod = await client.pods.get(seen.providerId);
      note(pod === null ? goneFrom(seen) : seenPod(pod));
    }
  };

  return {
    history,
    pods,
    look: async () => {
      try {
        const listed = (await client.pods.list()).map((pod) => seenPod(pod));
        for (const seen of listed) note(seen);
        await askForMissing(new Set(listed.map(({ providerId }) => providerId)));
        tell();
      } catch (error) {
        for (const sink of sinks) sink.fail(toFailure(error));
        throw error;
      }
    },
    lookAt: async (id) => {
      const pod = await client.pods.get(id);
      const before = rows.get(id)?.seen;
      const seen = pod === null ? null : seenPod(pod);
      const shown = seen ?? (before === undefined ? null : goneFrom(before));
      if (shown !== null) note(shown);
      tell();
      return seen;
    },
    watch: (sink) => {
      sinks.add(sink);
      if (hasLooked) sink.next(pods());
      return () => sinks.delete(sink);
    },
    watchSamples: (sink) => {
      sampleSinks.add(sink);
      return () => sampleSinks.delete(sink);
    },
  };
}

function idleAfter(
  before: IdleState | null,
  seen: SeenPod,
  { at, everyMs }: { readonly at: number; readonly everyMs: number },
): IdleState | null {
  if (seen.status !== "running") return null;
  if (seen.sample === null) return before;
  return nextIdle(before, {
    ...seen.sample,
    at,
    slotsUsed: null,
    gpuCount: seen.gpuCount,
    isThisMachine: false,
    upSince: seen.uptimeSeconds === null ? null : at - seen.uptimeSeconds * 1000,
    maxGapMs: maxGapMs(everyMs),
  });
}

/** The pod of an id; rejects when the account has none such. */
export function podOf(fleet: Fleet, id: string): Pod {
  const pod = fleet.pods().find((one) => one.id === id);
  if (pod === undefined) throw new FailureError({ kind: "notFound", message: `the RunPod account has no pod ${id}` });
  return pod;
}
