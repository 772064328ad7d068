import type { PaneId, ViewState } from "../app/slices/view.js";

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `tiny` is below 60×16: totals alone. `compact` shows one pane or two and a strip; `wide` four. */
export type LayoutKind = "wide" | "compact" | "tiny";

export interface Layout {
  readonly kind: LayoutKind;
  /** One row; in `tiny` it is all of the screen above the footer. */
  readonly header: Rect;
  /** One line about the panes that are not shown; compact only. */
  readonly strip: Rect | null;
  readonly panes: Readonly<Partial<Record<PaneId, Rect>>>;
  readonly footer: Rect;
}

export type Arrange = (view: Pick<ViewState, "columns" | "rows" | "focus" | "zoomed">) => Layout;

const wideColumns = 110;
const wideRows = 28;
const leastColumns = 60;
const leastRows = 16;
/** From this height on a narrow screen has room for the queue above the focused pane. */
const tallRows = 40;

/** Where everything goes. Pure; never outside the screen, never overlapping, for any size. */
export const arrange: Arrange = ({ columns, rows, focus, zoomed }) => {
  const width = Math.max(0, columns);
  const height = Math.max(0, rows);
  if (width < leastColumns || height < leastRows) return tiny(width, height);
  const header = { x: 0, y: 0, width, height: 1 };
  const footer = { x: 0, y: height - 1, width, height: 1 };
  const body = { x: 0, y: 1, width, height: height - 2 };
  const isWide = width >= wideColumns && height >= wideRows;
  if (isWide)
    return { kind: "wide", header, strip: null, panes: zoomed ? { [focus]: body } : four(body, focus), footer };
  if (zoomed) return { kind: "compact", header, strip: null, panes: { [focus]: body }, footer };
  const strip = { x: 0, y: height - 2, width, height: 1 };
  return { kind: "compact", header, strip, panes: some({ ...body, height: body.height - 1 }, focus), footer };
};

function tiny(width: number, height: number): Layout {
  const footerHeight = height >= 3 ? 1 : 0;
  const above = height - footerHeight;
  return {
    kind: "tiny",
    header: { x: 0, y: 0, width, height: above },
    strip: null,
    panes: {},
    footer: { x: 0, y: above, width, height: footerHeight },
  };
}

/** Queue over chain on the left, the log on the right, pods across the foot; costs take the log's place while they have the focus. */
function four(body: Rect, focus: PaneId): Partial<Record<PaneId, Rect>> {
  const podsHeight = between(6, Math.round(body.height * 0.22), 16);
  const top = body.height - podsHeight;
  const chainHeight = between(8, Math.round(top * 0.38), 24);
  const left = between(58, Math.round(body.width * 0.45), 104);
  const queueHeight = top - chainHeight;
  return {
    queue: { x: 0, y: body.y, width: left, height: queueHeight },
    chain: { x: 0, y: body.y + queueHeight, width: left, height: chainHeight },
    [focus === "costs" ? "costs" : "log"]: { x: left, y: body.y, width: body.width - left, height: top },
    pods: { x: 0, y: body.y + top, width: body.width, height: podsHeight },
  };
}

/** One pane; with room for two the queue stays beside or above, so that choosing a run shows its log. */
function some(body: Rect, focus: PaneId): Partial<Record<PaneId, Rect>> {
  const detail = focus === "queue" ? "log" : focus;
  if (body.width >= wideColumns) {
    const left = between(50, Math.round(body.width * 0.44), 90);
    return {
      queue: { ...body, width: left },
      [detail]: { ...body, x: left, width: body.width - left },
    };
  }
  if (body.height >= tallRows - 3) {
    const top = Math.round(body.height * 0.42);
    return { queue: { ...body, height: top }, [detail]: { ...body, y: body.y + top, height: body.height - top } };
  }
  return { [focus]: body };
}

function between(least: number, wanted: number, most: number): number {
  return Math.max(least, Math.min(wanted, most));
}
