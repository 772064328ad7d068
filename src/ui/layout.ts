import type { PaneId, ViewState } from "../app/slices/view.js";

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `tiny` is below 60×16: one line of totals. `compact` shows one pane and a strip; `wide` all four. */
export type LayoutKind = "wide" | "compact" | "tiny";

export interface Layout {
  readonly kind: LayoutKind;
  readonly header: Rect;
  /** One line about the panes that are not shown; compact only. */
  readonly strip: Rect | null;
  readonly panes: Readonly<Partial<Record<PaneId, Rect>>>;
  readonly footer: Rect;
}

export type Arrange = (view: Pick<ViewState, "columns" | "rows" | "focus" | "zoomed">) => Layout;
