import { staleSince } from "../../app/slices/link.js";
import type { PaneId } from "../../app/slices/view.js";
import type { AppState } from "../../app/store.js";
import { longDuration } from "../../core/duration.js";
import type { Failure } from "../../core/failure.js";
import type { Look, PaneSize } from "../panes/pane.js";
import type { Piece } from "./columns.js";
import { type FrameText, frame } from "./frame.js";
import { staleLook } from "./look.js";

export const paneTitles: Readonly<Record<PaneId, string>> = {
  queue: "1 Queue",
  log: "2 Log",
  pods: "3 Pods",
  chain: "4 Chain",
  costs: "6 Costs",
};

/** A narrower inside stays blank. */
const leastColumns = 8;

export interface PaneText extends Omit<FrameText, "title" | "focused"> {
  readonly id: PaneId;
  /** The last refresh failed while older rows are still shown. */
  readonly failure?: Failure | null;
}

/** Rows and columns inside the border. */
export function innerSize({ width, height }: PaneSize): PaneSize {
  return { width: Math.max(0, width - 2), height: Math.max(0, height - 2) };
}

/**
 * A pane in its border, with how old it is: what came over a link that is lost is drawn in one quiet tone and says
 * `stale 12 s`, so that nobody takes it for news. `body` draws the inside in the look it is given.
 */
export function paneFrame(
  context: { readonly state: AppState; readonly size: PaneSize; readonly look: Look },
  text: PaneText,
  body: (look: Look, inner: PaneSize) => readonly string[],
): readonly string[] {
  const { state, size, look } = context;
  const since = staleSince(state.link);
  const bodyLook = since === null ? look : staleLook(look);
  const age: Piece[] = [];
  if (since !== null) age.push(["link.lost", `stale ${longDuration(state.view.nowMs - since)}`]);
  else if (text.failure !== undefined && text.failure !== null) age.push(["notice.bad", "not updating"]);
  const named = {
    ...text,
    title: paneTitles[text.id],
    right: [...(text.right ?? []), ...age],
    focused: state.view.focus === text.id,
  };
  const inner = innerSize(size);
  return frame(named, inner.width < leastColumns ? [] : body(bodyLook, inner), size, bodyLook);
}
