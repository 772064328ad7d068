import type { PodLogLine, TelemetrySample } from "../../contract/pod.js";
import type { Failure } from "../../core/failure.js";
import type { PodTab } from "../pod-tabs.js";

/** What is asked for only while a pod's detail is open. */
export interface PodDetailState {
  readonly podId: string | null;
  readonly tab: PodTab;
  /** Samples over the window of the sparklines, more of them than a row of the fleet needs; null until they have come. */
  readonly samples: readonly TelemetrySample[] | null;
  /** Samples of the last days, an hour apart; null until they have come. */
  readonly days: readonly TelemetrySample[] | null;
  readonly samplesFailure: Failure | null;
  readonly lines: readonly PodLogLine[];
  /** Lines that have gone because there were too many. */
  readonly dropped: number;
  /** The log has answered, perhaps with no line. */
  readonly logOpen: boolean;
  readonly logFailure: Failure | null;
}

export type PodDetailEvent =
  | { readonly type: "podDetail/opened"; readonly podId: string; readonly tab: PodTab }
  | { readonly type: "podDetail/closed" }
  | { readonly type: "podDetail/tabbed"; readonly podId: string; readonly tab: PodTab }
  | { readonly type: "podDetail/samplesReceived"; readonly samples: readonly TelemetrySample[] }
  | { readonly type: "podDetail/daysReceived"; readonly samples: readonly TelemetrySample[] }
  | { readonly type: "podDetail/samplesFailed"; readonly failure: Failure }
  | { readonly type: "podDetail/logReceived"; readonly lines: readonly PodLogLine[] }
  | { readonly type: "podDetail/logFailed"; readonly failure: Failure };

export const initialPodDetail: PodDetailState = {
  podId: null,
  tab: "overview",
  samples: null,
  days: null,
  samplesFailure: null,
  lines: [],
  dropped: 0,
  logOpen: false,
  logFailure: null,
};

/** Lines held: more than anybody scrolls through, less than would be felt. */
const heldLines = 5000;

export function podDetailReducer(state: PodDetailState, event: PodDetailEvent): PodDetailState {
  switch (event.type) {
    case "podDetail/opened":
      return { ...initialPodDetail, podId: event.podId, tab: event.tab };
    case "podDetail/closed":
      return initialPodDetail;
    case "podDetail/tabbed":
      return { ...(state.podId === event.podId ? state : initialPodDetail), podId: event.podId, tab: event.tab };
    case "podDetail/samplesReceived":
      return { ...state, samples: event.samples, samplesFailure: null };
    case "podDetail/daysReceived":
      return { ...state, days: event.samples };
    case "podDetail/samplesFailed":
      return { ...state, samplesFailure: event.failure };
    case "podDetail/logReceived":
      return withLines(state, event.lines);
    case "podDetail/logFailed":
      return { ...state, logFailure: event.failure };
  }
}

/** After a reconnect the last lines may come again: those that are held already are left out. */
function withLines(state: PodDetailState, newer: readonly PodLogLine[]): PodDetailState {
  const known = new Set(state.lines.slice(-heldLines).map(({ id }) => id));
  const lines = [...state.lines, ...newer.filter(({ id }) => !known.has(id))];
  const surplus = Math.max(0, lines.length - heldLines);
  return {
    ...state,
    lines: surplus > 0 ? lines.slice(surplus) : lines,
    dropped: state.dropped + surplus,
    logOpen: true,
    logFailure: null,
  };
}
