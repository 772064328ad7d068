import type { TelemetrySample } from "../../contract/pod.js";

/** From which age on samples are kept at which distance; older than the last not at all. */
const steps = [
  { fromAgeMs: 15 * 60_000, distanceMs: 60_000 },
  { fromAgeMs: 60 * 60_000, distanceMs: 5 * 60_000 },
] as const;
const keptMs = 24 * 60 * 60_000;
/** Samples of a pod between two thinnings. */
const thinEvery = 60;

/** Telemetry of this session: RunPod keeps none. A day at most, thinned as it grows old. */
export interface History {
  add(sample: TelemetrySample): void;
  last(podId: string): TelemetrySample | null;
  newest(): readonly TelemetrySample[];
  /** Ascending, about `points` for each pod. */
  window(now: number, options: { windowMs: number; points: number; podId?: string | undefined }): TelemetrySample[];
}

export function createHistory(): History {
  const byPod = new Map<string, TelemetrySample[]>();
  return {
    add: (sample) => {
      const samples = byPod.get(sample.podId) ?? [];
      samples.push(sample);
      byPod.set(sample.podId, samples.length % thinEvery === 0 ? thinned(samples, sample.at) : samples);
    },
    last: (podId) => byPod.get(podId)?.at(-1) ?? null,
    newest: () => [...byPod.values()].flatMap((samples) => samples.slice(-1)),
    window: (now, { windowMs, points, podId }) => {
      const chosen = podId === undefined ? [...byPod.values()] : [byPod.get(podId) ?? []];
      const distanceMs = windowMs / Math.max(1, points);
      return chosen
        .flatMap((samples) =>
          lastOfEach(
            samples.filter(({ at }) => at >= now - windowMs),
            () => distanceMs,
          ),
        )
        .sort((a, b) => a.at - b.at);
    },
  };
}

function thinned(samples: readonly TelemetrySample[], now: number): TelemetrySample[] {
  const kept = samples.filter(({ at }) => at > now - keptMs);
  return lastOfEach(kept, (at) => steps.findLast(({ fromAgeMs }) => now - at >= fromAgeMs)?.distanceMs ?? 1);
}

/** The last sample of each stretch. */
function lastOfEach(samples: readonly TelemetrySample[], distanceMs: (at: number) => number): TelemetrySample[] {
  const stretch = (at: number) => Math.floor(at / distanceMs(at));
  return samples.filter(({ at }, index) => {
    const next = samples[index + 1];
    return next === undefined || distanceMs(next.at) !== distanceMs(at) || stretch(next.at) !== stretch(at);
  });
}
