import type { Pod, TelemetrySample } from "../../contract/pod.js";
import type { ProviderState } from "../../contract/provider.js";
import type { Failure } from "../../core/failure.js";

const minuteMs = 60_000;

/** How far back the sparklines reach, from the shortest. */
export const podWindowsMs = [15 * minuteMs, 60 * minuteMs, 360 * minuteMs, 1440 * minuteMs] as const;

/** `state` is what needs a look first: trouble, then what comes up, runs, is stopped, is gone. */
export const podSorts = ["state", "name", "cost", "today", "idle", "util"] as const;
export type PodSort = (typeof podSorts)[number];

export interface PodsState {
  readonly rows: readonly Pod[];
  readonly loaded: boolean;
  readonly failure: Failure | null;
  /** How each provider does; empty: not told. */
  readonly providers: readonly ProviderState[];
  readonly selectedId: string | null;
  /** Samples of each pod, ascending, over the window of the sparklines. */
  readonly samples: Readonly<Record<string, readonly TelemetrySample[]>>;
  readonly filter: string;
  readonly sort: PodSort;
  readonly reversed: boolean;
  /** How far back the sparklines reach. */
  readonly windowMs: number;
  /** Each GPU for itself instead of their mean. */
  readonly perGpu: boolean;
  /** Terminated pods that a person has seen and put away. */
  readonly dismissed: readonly string[];
  /** Document ids; commands act on all of them at once. */
  readonly marked: readonly string[];
}

export type PodsEvent =
  | { readonly type: "pods/received"; readonly rows: readonly Pod[] }
  | { readonly type: "pods/changed"; readonly row: Pod }
  | { readonly type: "pods/failed"; readonly failure: Failure }
  | { readonly type: "pods/providersReceived"; readonly providers: readonly ProviderState[] }
  | { readonly type: "pods/selected"; readonly id: string | null }
  | { readonly type: "pods/filtered"; readonly filter: string }
  | { readonly type: "pods/sorted"; readonly sort: PodSort; readonly reversed: boolean }
  | { readonly type: "pods/windowed"; readonly windowMs: number }
  | { readonly type: "pods/perGpuShown"; readonly perGpu: boolean }
  | { readonly type: "pods/dismissed"; readonly ids: readonly string[] }
  | { readonly type: "pods/markToggled"; readonly id: string }
  | { readonly type: "pods/marksCleared" }
  | { readonly type: "telemetry/received"; readonly samples: readonly TelemetrySample[] }
  /** Newer than what is held; some may be known already. */
  | { readonly type: "telemetry/added"; readonly samples: readonly TelemetrySample[] };

export const initialPods: PodsState = {
  rows: [],
  loaded: false,
  failure: null,
  providers: [],
  selectedId: null,
  samples: {},
  filter: "",
  sort: "state",
  reversed: false,
  windowMs: podWindowsMs[0],
  perGpu: false,
  dismissed: [],
  marked: [],
};

export function podsReducer(state: PodsState, event: PodsEvent): PodsState {
  switch (event.type) {
    case "pods/received":
      return { ...state, rows: event.rows, loaded: true, failure: null };
    case "pods/changed":
      return { ...state, rows: withRow(state.rows, event.row) };
    case "pods/failed":
      return { ...state, failure: event.failure };
    case "pods/providersReceived":
      return { ...state, providers: event.providers };
    case "telemetry/received":
      return { ...state, samples: withRecent(byPod(event.samples), state.samples) };
    case "telemetry/added":
      return { ...state, samples: withNewer(state.samples, event.samples) };
    default:
      return shown(state, event);
  }
}

type ReceivedEvent = Extract<
  PodsEvent,
  {
    type:
      | "pods/received"
      | "pods/changed"
      | "pods/failed"
      | "pods/providersReceived"
      | "telemetry/received"
      | "telemetry/added";
  }
>;

/** What a person changes of how the fleet is shown. */
function shown(state: PodsState, event: Exclude<PodsEvent, ReceivedEvent>): PodsState {
  switch (event.type) {
    case "pods/selected":
      return { ...state, selectedId: event.id };
    case "pods/filtered":
      return { ...state, filter: event.filter };
    case "pods/sorted":
      return { ...state, sort: event.sort, reversed: event.reversed };
    case "pods/windowed":
      return { ...state, windowMs: event.windowMs };
    case "pods/perGpuShown":
      return { ...state, perGpu: event.perGpu };
    case "pods/dismissed":
      return { ...state, dismissed: [...new Set([...state.dismissed, ...event.ids])] };
    case "pods/markToggled":
      return { ...state, marked: toggled(state.marked, event.id) };
    case "pods/marksCleared":
      return state.marked.length === 0 ? state : { ...state, marked: [] };
  }
}

const toggled = (ids: readonly string[], id: string) =>
  ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];

/** The answer to a create may come before the list that holds the new pod. */
function withRow(rows: readonly Pod[], row: Pod): readonly Pod[] {
  return rows.some(({ _id }) => _id === row._id)
    ? rows.map((known) => (known._id === row._id ? row : known))
    : [...rows, row];
}

function byPod(samples: readonly TelemetrySample[]): Record<string, TelemetrySample[]> {
  const grouped: Record<string, TelemetrySample[]> = {};
  for (const sample of samples) (grouped[sample.podId] ??= []).push(sample);
  return grouped;
}

/** So much stays at full rate when a thinned window comes: rules look at it, whatever window is on the screen. */
const recentMs = 6 * minuteMs;

function withRecent(window: Record<string, TelemetrySample[]>, held: PodsState["samples"]): PodsState["samples"] {
  for (const [podId, samples] of Object.entries(window)) {
    const fromMs = (samples.at(-1)?.at ?? 0) - recentMs;
    const recent = held[podId]?.filter(({ at }) => at > fromMs) ?? [];
    const first = recent[0];
    if (first !== undefined) window[podId] = [...samples.filter(({ at }) => at < first.at), ...recent];
  }
  return window;
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
