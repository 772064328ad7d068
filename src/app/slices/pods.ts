import type { Pod, TelemetrySample } from "../../contract/pod.js";
import type { Failure } from "../../core/failure.js";

export interface PodsState {
  readonly rows: readonly Pod[];
  readonly loaded: boolean;
  readonly failure: Failure | null;
  readonly selectedId: string | null;
  /** Samples of each pod, ascending, over the window of the sparklines. */
  readonly samples: Readonly<Record<string, readonly TelemetrySample[]>>;
  readonly filter: string;
}

export type PodsEvent =
  | { readonly type: "pods/received"; readonly rows: readonly Pod[] }
  | { readonly type: "pods/changed"; readonly row: Pod }
  | { readonly type: "pods/failed"; readonly failure: Failure }
  | { readonly type: "pods/selected"; readonly id: string | null }
  | { readonly type: "pods/filtered"; readonly filter: string }
  | { readonly type: "telemetry/received"; readonly samples: readonly TelemetrySample[] }
  /** Newer than what is held; some may be known already. */
  | { readonly type: "telemetry/added"; readonly samples: readonly TelemetrySample[] };

export const initialPods: PodsState = {
  rows: [],
  loaded: false,
  failure: null,
  selectedId: null,
  samples: {},
  filter: "",
};

export function podsReducer(state: PodsState, event: PodsEvent): PodsState {
  switch (event.type) {
    case "pods/received":
      return { ...state, rows: event.rows, loaded: true, failure: null };
    case "pods/changed":
      return { ...state, rows: state.rows.map((row) => (row._id === event.row._id ? event.row : row)) };
    case "pods/failed":
      return { ...state, failure: event.failure };
    case "pods/selected":
      return { ...state, selectedId: event.id };
    case "pods/filtered":
      return { ...state, filter: event.filter };
    case "telemetry/received":
      return { ...state, samples: byPod(event.samples) };
    case "telemetry/added":
      return { ...state, samples: withNewer(state.samples, event.samples) };
  }
}

function byPod(samples: readonly TelemetrySample[]): Record<string, TelemetrySample[]> {
  const grouped: Record<string, TelemetrySample[]> = {};
  for (const sample of samples) (grouped[sample.podId] ??= []).push(sample);
  return grouped;
}

/** Samples held of each pod at most: the window at full rate, until it is asked for anew. */
const heldSamples = 1000;

function withNewer(held: PodsState["samples"], newer: readonly TelemetrySample[]): PodsState["samples"] {
  const next = { ...held };
  for (const sample of newer) {
    const before = next[sample.podId] ?? [];
    if ((before.at(-1)?.at ?? -Infinity) >= sample.at) continue;
    next[sample.podId] = [...before.slice(-heldSamples + 1), sample];
  }
  return next;
}
