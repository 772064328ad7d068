import type { NewBatch } from "../../contract/batch.js";
import type { NewExperiment } from "../../contract/experiment.js";
import type { NewPod } from "../../contract/pod.js";
import type { ExperimentTab } from "../experiment-tabs.js";
import type { PodTab } from "../pod-tabs.js";
import type { Detail, Option, Writes } from "../question.js";

export const paneIds = ["queue", "log", "pods", "chain", "costs"] as const;
export type PaneId = (typeof paneIds)[number];
/** The number on the pane's border, which is the key that focuses it. */
export const paneNumbers: Readonly<Record<PaneId, number>> = { queue: 1, log: 2, pods: 3, chain: 4, costs: 6 };
/** Panes with a cursor in a list. */
export type ListPane = Extract<PaneId, "queue" | "pods">;

export type NewExperimentDraft = Omit<NewExperiment, "labId">;
export type NewBatchDraft = Omit<NewBatch, "labId">;
export type NewPodDraft = Omit<NewPod, "labId">;

/** What lies over the panes. One at a time, the newest on top; Esc goes back. */
export type Overlay =
  | { readonly kind: "help" }
  | { readonly kind: "palette" }
  /** Asks `y`; never Enter. `commandId` is run with `confirmed`. */
  | {
      readonly kind: "confirm";
      readonly commandId: string;
      readonly question: string;
      readonly effect: string;
      readonly details?: readonly Detail[];
      /** What was asked about; answering acts on these even if the selection has moved since. */
      readonly targets?: readonly string[];
    }
  /** Asks for a word typed exactly, e.g. the experiment's id before it is deleted. */
  | {
      readonly kind: "typed";
      readonly commandId: string;
      readonly question: string;
      readonly effect: string;
      readonly details?: readonly Detail[];
      readonly expected: string;
      readonly targets?: readonly string[];
    }
  /** Asks for one of a few; Enter takes it, and the command is run with its id as `choice`. */
  | {
      readonly kind: "choose";
      readonly commandId: string;
      readonly question: string;
      readonly effect: string;
      readonly options: readonly Option[];
      readonly targets?: readonly string[];
    }
  /** Asks for a line; Enter runs the command with it as `choice`. */
  | {
      readonly kind: "write";
      readonly commandId: string;
      readonly question: string;
      readonly effect: string;
      readonly writes: Writes;
      readonly targets?: readonly string[];
    }
  | { readonly kind: "newExperiment"; readonly draft: NewExperimentDraft }
  /** `tab` is where it opens: the facts unless said otherwise. */
  | { readonly kind: "experiment"; readonly id: string; readonly tab?: ExperimentTab }
  /** `tab` is where it opens: the facts unless said otherwise. */
  | { readonly kind: "pod"; readonly id: string; readonly tab?: PodTab }
  | { readonly kind: "newPod"; readonly draft: Partial<NewPodDraft> }
  /** Auto-stop of the pod with this id, where there is one, and the lab's settings. */
  | { readonly kind: "idlePolicy"; readonly id: string | null }
  /** Like the experiment with this document id; null: of a template. */
  | { readonly kind: "newBatch"; readonly like: string | null }
  | { readonly kind: "queues" }
  | { readonly kind: "alerts" }
  | { readonly kind: "activity" }
  | { readonly kind: "connect" }
  /** A line typed at the foot: filter of a list, search of the log, level … */
  | { readonly kind: "prompt"; readonly purpose: PromptPurpose; readonly initial: string };

export type PromptPurpose = "filter" | "search" | "only" | "since";

/** Columns and rows inside a pane's border: what its list or text has to itself. */
export interface PaneBody {
  readonly width: number;
  readonly height: number;
}

export interface ViewState {
  readonly columns: number;
  readonly rows: number;
  readonly focus: PaneId;
  readonly zoomed: boolean;
  readonly overlays: readonly Overlay[];
  /** Bodies of the panes on the screen, as last laid out: how far a page is. Panes that are not shown are absent. */
  readonly bodies: Readonly<Partial<Record<PaneId, PaneBody>>>;
  /** First row shown of each list, as last on the screen. */
  readonly tops: Readonly<Record<ListPane, number>>;
  /** Last tick, ms UTC: ages on the screen are counted from here. */
  readonly nowMs: number;
  /** Grows by one per animation frame while something is pending; spinners read it. */
  readonly spin: number;
}

export type ViewEvent =
  | { readonly type: "view/resized"; readonly columns: number; readonly rows: number }
  | { readonly type: "view/arranged"; readonly bodies: ViewState["bodies"] }
  | { readonly type: "view/listScrolled"; readonly pane: ListPane; readonly top: number }
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
  bodies: {},
  tops: { queue: 0, pods: 0 },
  nowMs: 0,
  spin: 0,
};

export function viewReducer(state: ViewState, event: ViewEvent): ViewState {
  switch (event.type) {
    case "view/resized":
      return { ...state, columns: event.columns, rows: event.rows };
    case "view/arranged":
      return { ...state, bodies: event.bodies };
    case "view/listScrolled":
      return { ...state, tops: { ...state.tops, [event.pane]: event.top } };
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

/** The body of a pane; while it has not been laid out, a guess from the size of the screen. */
export function paneBody(view: ViewState, pane: PaneId): PaneBody {
  return view.bodies[pane] ?? { width: Math.max(1, view.columns - 2), height: Math.max(1, view.rows - 5) };
}
