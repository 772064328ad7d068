import { footerCommands } from "../app/key-table.js";
import type { Keymap } from "../app/keymap.js";
import { paneIds } from "../app/slices/view.js";
import type { AppState, AppStore } from "../app/store.js";
import type { Compositor } from "../terminal/compositor.js";
import { arrange, type Layout, type Rect } from "./layout.js";
import { footerRow } from "./panes/footer.js";
import { panes } from "./panes/index.js";
import type { Look, PaneSize } from "./panes/pane.js";
import { stripRow } from "./panes/strip.js";
import { headerRows, paneBodies } from "./screen.js";
import { type SlotName, slots } from "./slots.js";

const slotNames = Object.keys(slots) as SlotName[];

export interface PainterParts {
  readonly screen: Compositor;
  readonly store: AppStore;
  readonly keymap: Keymap;
  readonly look: Look;
}

export interface Painter {
  /** Another theme or alphabet from now on. */
  setLook(look: Look): void;
  stop(): void;
}

/**
 * Keeps the Surfaces showing the state: whenever the store changes, all of it is painted once, after everything of that tick is
 * known. Before Ink it also says where the Surfaces are; under Ink their size is what Ink laid out.
 */
export function startPainter({ screen, store, keymap, look: firstLook }: PainterParts): Painter {
  let look = firstLook;
  let isScheduled = false;
  let answeredKeys = keyAnswers(store.api.getState());
  let isPlacing = false;

  const paintSlot = (name: SlotName, size: PaneSize) => {
    if (size.width === 0 || size.height === 0) return;
    screen.surface(slots[name]).setRows(rowsOf(name, store.api.getState(), size, { look, keymap }));
  };
  const paint = () => {
    isScheduled = false;
    noteBodies(store);
    const layout = arrange(store.api.getState().view);
    for (const name of slotNames) {
      isPlacing = true;
      screen.place(slots[name], rectOf(layout, name));
      isPlacing = false;
      const surface = screen.surface(slots[name]);
      paintSlot(name, { width: surface.width, height: surface.height });
    }
    hurryCursor();
  };
  /** What answers a key in a list does not wait for a slow line: the cursor's row, and the one beside it that the cursor left. */
  const hurryCursor = () => {
    const state = store.api.getState();
    const answers = keyAnswers(state);
    if (answers.every((answer, index) => answer === answeredKeys[index])) return;
    answeredKeys = answers;
    const { focus } = state.view;
    const surface = screen.surface(slots[focus]);
    const row = panes[focus].cursorRow?.(state, surface) ?? null;
    if (row !== null) surface.hurry(row - 1, 3);
  };
  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    queueMicrotask(paint);
  };

  const stops = slotNames.map((name) =>
    screen.surface(slots[name]).onSize((width, height) => {
      // A Surface that is being placed is painted right after.
      if (!isPlacing) paintSlot(name, { width, height });
    }),
  );
  stops.push(store.api.subscribe(schedule));
  paint();
  return {
    setLook: (next) => {
      look = next;
      schedule();
    },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** What a key changes in a list. */
const keyAnswers = ({ view, experiments, pods }: AppState): readonly unknown[] => [
  view.focus,
  experiments.selectedId,
  experiments.marked,
  experiments.bookmarks,
  pods.selectedId,
];

/** Rows of one part of the screen. */
export function rowsOf(
  name: SlotName,
  state: AppState,
  size: PaneSize,
  parts: { look: Look; keymap: Keymap },
): readonly string[] {
  const { look, keymap } = parts;
  switch (name) {
    case "header":
      return headerRows(state, arrange(state.view), look);
    case "strip":
      return [stripRow(state, arrange(state.view), size.width, look)];
    case "footer":
      return [footerRow(state, footerCommands(state, keymap), size.width, look)];
    case "queue":
    case "log":
    case "pods":
    case "chain":
    case "costs":
      return panes[name].rows(state, size, look);
  }
}

export function rectOf(layout: Layout, name: SlotName): Rect | null {
  if (name === "header" || name === "footer" || name === "strip") return layout[name];
  return layout.panes[name] ?? null;
}

/** Tells the state how large the panes' bodies are, when that has changed: paging and the log's window need it. */
function noteBodies(store: AppStore): void {
  const state = store.api.getState();
  const bodies = paneBodies(state, arrange(state.view));
  const isSame = paneIds.every(
    (id) => bodies[id]?.width === state.view.bodies[id]?.width && bodies[id]?.height === state.view.bodies[id]?.height,
  );
  if (!isSame) store.dispatch({ type: "view/arranged", bodies });
}
