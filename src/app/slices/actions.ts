import type { Failure } from "../../core/failure.js";

/** Something the person asked for that the server has not answered yet. */
export interface PendingAction {
  readonly id: number;
  readonly title: string;
  /** Document id it acts on; its row shows a spinner. */
  readonly target: string | null;
  readonly startedAt: number;
}

/** One line in the footer: what was done or what the server said. */
export interface Notice {
  readonly id: number;
  readonly tone: "good" | "bad" | "info";
  readonly text: string;
  readonly at: number;
}

export interface ActionsState {
  readonly pending: readonly PendingAction[];
  readonly notice: Notice | null;
  /** The last notices, newest first; the activity overlay lists them. */
  readonly history: readonly Notice[];
}

export type ActionsEvent =
  | { readonly type: "action/started"; readonly action: PendingAction }
  | { readonly type: "action/succeeded"; readonly id: number; readonly text: string; readonly at: number }
  | { readonly type: "action/failed"; readonly id: number; readonly failure: Failure; readonly at: number }
  | { readonly type: "notice/shown"; readonly tone: Notice["tone"]; readonly text: string; readonly at: number }
  | { readonly type: "notice/cleared" };

const keptNotices = 200;

export const initialActions: ActionsState = { pending: [], notice: null, history: [] };

export function actionsReducer(state: ActionsState, event: ActionsEvent): ActionsState {
  switch (event.type) {
    case "action/started":
      return { ...state, pending: [...state.pending, event.action] };
    case "action/succeeded":
      return noticed(ended(state, event.id), "good", event.text, event.at);
    case "action/failed": {
      const { message, hint } = event.failure;
      const title = state.pending.find((action) => action.id === event.id)?.title ?? "Action";
      const text = `${title} failed: ${message}${hint === undefined ? "" : ` · ${hint}`}`;
      return noticed(ended(state, event.id), "bad", text, event.at);
    }
    case "notice/shown":
      return noticed(state, event.tone, event.text, event.at);
    case "notice/cleared":
      return { ...state, notice: null };
  }
}

function ended(state: ActionsState, id: number): ActionsState {
  return { ...state, pending: state.pending.filter((action) => action.id !== id) };
}

function noticed(state: ActionsState, tone: Notice["tone"], text: string, at: number): ActionsState {
  const notice = { id: (state.history[0]?.id ?? 0) + 1, tone, text, at };
  return { ...state, notice, history: [notice, ...state.history].slice(0, keptNotices) };
}
