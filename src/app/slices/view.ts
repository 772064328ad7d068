import type { NewExperiment } from "../../contract/experiment.js";

export const paneIds = ["queue", "log", "pods", "chain"] as const;
/** Numbered as on the screen: 1 Queue, 2 Log, 3 Pods, 4 Chain. */
export type PaneId = (typeof paneIds)[number];

export type NewExperimentDraft = Omit<NewExperiment, "labId">;

/** What lies over the panes. One at a time, the newest on top; Esc goes back. */
export type Overlay =
  | { readonly kind: "help" }
  | { readonly kind: "palette" }
  /** Asks `y`; never Enter. `commandId` is run with `confirmed`. */
  | { readonly kind: "confirm"; readonly commandId: string; readonly question: string; readonly effect: string }
  /** Asks for a word typed exactly, e.g. the experiment's id before it is deleted. */
  | {
      readonly kind: "typed";
      readonly commandId: string;
      readonly question: string;
      readonly effect: string;
      readonly expected: string;
    }
  | { readonly kind: "newExperiment"; readonly draft: NewExperimentDraft }
  | { readonly kind: "experiment"; readonly id: string }
  | { readonly kind: "pod"; readonly id: string }
  | { readonly kind: "alerts" }
  | { readonly kind: "connect" }
  /** A line typed at the foot: filter of a list, search of the log, level … */
  | { readonly kind: "prompt"; readonly purpose: "filter" | "search" | "only"; readonly initial: string };

export interface ViewState {
  readonly columns: number;
  readonly rows: number;
  readonly focus: PaneId;
  readonly zoomed: boolean;
  readonly overlays: readonly Overlay[];
  /** Last tick, ms UTC: ages on the screen are counted from here. */
  readonly nowMs: number;
  /** Grows by one per animation frame while something is pending; spinners read it. */
  readonly spin: number;
}

export type ViewEvent =
  | { readonly type: "view/resized"; readonly columns: number; readonly rows: number }
  | { readonly type: "view/focused"; readonly pane: PaneId }
  | { readonly type: "view/zoomed"; readonly zoomed: boolean }
  | { readonly type: "view/overlayOpened"; readonly overlay: Overlay }
  | { readonly type: "view/overlayClosed" }
  | { readonly type: "view/ticked"; readonly nowMs: number }
  | { readonly type: "view/spun" };

export const initialView: ViewState = {
  columns: 80,
  rows: 24,
  focus: "queue",
  zoomed: false,
  overlays: [],
  nowMs: 0,
  spin: 0,
};

export function viewReducer(state: ViewState, event: ViewEvent): ViewState {
  switch (event.type) {
    case "view/resized":
      return { ...state, columns: event.columns, rows: event.rows };
    case "view/focused":
      return { ...state, focus: event.pane };
    case "view/zoomed":
      return { ...state, zoomed: event.zoomed };
    case "view/overlayOpened":
      return { ...state, overlays: [...state.overlays, event.overlay] };
    case "view/overlayClosed":
      return { ...state, overlays: state.overlays.slice(0, -1) };
    case "view/ticked":
      return { ...state, nowMs: event.nowMs };
    case "view/spun":
      return { ...state, spin: state.spin + 1 };
  }
}
