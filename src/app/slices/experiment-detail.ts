import type { Attempt, StatusChange } from "../../contract/experiment.js";
import type { OutputFile } from "../../contract/output.js";
import type { QcReport } from "../../contract/qc.js";
import type { Failure } from "../../core/failure.js";
import type { ExperimentTab } from "../experiment-tabs.js";

/** Files that an attempt left; `more` says that there are others behind the last. */
export interface OutputList {
  readonly rows: readonly OutputFile[];
  readonly more: boolean;
}

/** What a part of the detail shows. */
interface Shown {
  readonly qc: QcReport;
  /** Newest first. */
  readonly history: readonly StatusChange[];
  readonly attempts: readonly Attempt[];
  readonly outputs: OutputList;
}
export type DetailPart = keyof Shown;

/** A part as last heard of; a failure does not take away what was there. */
export interface Part<T> {
  readonly value: T | null;
  readonly failure: Failure | null;
}

/** A file of the outputs that is being read. */
export interface OpenOutput {
  readonly path: string;
  /** null until it has come. */
  readonly text: string | null;
  /** The file goes on behind what is held. */
  readonly isCut: boolean;
  readonly failure: Failure | null;
}

/** What is asked for only while an experiment's detail is open. */
export interface ExperimentDetailState {
  readonly experimentId: string | null;
  readonly tab: ExperimentTab;
  readonly parts: { readonly [P in DetailPart]: Part<Shown[P]> };
  /** `_id` of the file under the cursor; null: the first. */
  readonly outputId: string | null;
  readonly file: OpenOutput | null;
}

/** Events of a part name the experiment they are of: an answer may come when another one is open. */
type PartReceived = {
  readonly [P in DetailPart]: {
    readonly type: "experimentDetail/received";
    readonly experimentId: string;
    readonly part: P;
    readonly value: Shown[P];
  };
}[DetailPart];

export type ExperimentDetailEvent =
  | { readonly type: "experimentDetail/opened"; readonly experimentId: string; readonly tab: ExperimentTab }
  | { readonly type: "experimentDetail/closed" }
  | { readonly type: "experimentDetail/tabbed"; readonly experimentId: string; readonly tab: ExperimentTab }
  | PartReceived
  | {
      readonly type: "experimentDetail/failed";
      readonly experimentId: string;
      readonly part: DetailPart;
      readonly failure: Failure;
    }
  | { readonly type: "experimentDetail/outputSelected"; readonly id: string }
  | { readonly type: "experimentDetail/fileOpened"; readonly path: string }
  | {
      readonly type: "experimentDetail/fileReceived";
      readonly path: string;
      readonly text: string;
      readonly isCut: boolean;
    }
  | { readonly type: "experimentDetail/fileFailed"; readonly path: string; readonly failure: Failure }
  | { readonly type: "experimentDetail/fileClosed" };

const unheard = { value: null, failure: null } as const;

export const initialExperimentDetail: ExperimentDetailState = {
  experimentId: null,
  tab: "overview",
  parts: { qc: unheard, history: unheard, attempts: unheard, outputs: unheard },
  outputId: null,
  file: null,
};

export function experimentDetailReducer(
  state: ExperimentDetailState,
  event: ExperimentDetailEvent,
): ExperimentDetailState {
  switch (event.type) {
    case "experimentDetail/opened":
    case "experimentDetail/tabbed": {
      const { experimentId, tab } = event;
      const kept = state.experimentId === experimentId && event.type === "experimentDetail/tabbed";
      return { ...(kept ? state : initialExperimentDetail), experimentId, tab, file: null };
    }
    case "experimentDetail/closed":
      return initialExperimentDetail;
    case "experimentDetail/received":
      return withPart(state, event, { value: event.value, failure: null });
    case "experimentDetail/failed":
      return withPart(state, event, { value: state.parts[event.part].value, failure: event.failure });
    case "experimentDetail/outputSelected":
      return { ...state, outputId: event.id };
    default:
      return { ...state, file: openFile(state.file, event) };
  }
}

function withPart(
  state: ExperimentDetailState,
  { experimentId, part }: { readonly experimentId: string; readonly part: DetailPart },
  heard: Part<unknown>,
): ExperimentDetailState {
  if (state.experimentId !== experimentId) return state;
  return { ...state, parts: { ...state.parts, [part]: heard } };
}

type FileEvent = Extract<ExperimentDetailEvent, { type: `experimentDetail/file${string}` }>;

/** What comes of a file that is no longer open changes nothing. */
function openFile(file: OpenOutput | null, event: FileEvent): OpenOutput | null {
  if (event.type === "experimentDetail/fileClosed") return null;
  const { path } = event;
  if (event.type === "experimentDetail/fileOpened") return { path, text: null, isCut: false, failure: null };
  if (file?.path !== path) return file;
  if (event.type === "experimentDetail/fileFailed") return { ...file, failure: event.failure };
  return { path, text: event.text, isCut: event.isCut, failure: null };
}
