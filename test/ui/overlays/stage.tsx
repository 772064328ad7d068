import { Box } from "ink";
import { render } from "ink-testing-library";
import type { ReactNode } from "react";
import { vi } from "vitest";
import type { Overlay } from "../../../src/app/slices/view.js";
import type { AppState } from "../../../src/app/store.js";
import type { Template } from "../../../src/contract/lab.js";
import { paintWith, plainTheme, type Theme } from "../../../src/theme/theme.js";
import { type Ui, UiContext } from "../../../src/ui/hooks.js";
import { createKeyQueue, type OverlayInput } from "../../../src/ui/key-queue.js";
import { createUiMemory, type UiMemory } from "../../../src/ui/memory.js";
import { OverlayStack } from "../../../src/ui/overlay-stack.js";
import { room } from "../../app/fixtures.js";

export const templates: readonly Template[] = [
  {
    name: "mcmc",
    title: "Flat LCDM on BAO distances",
    description: "Adaptive Metropolis over flat LCDM on the published BAO distances.",
    computeMode: "CPU",
    config: { chains: 4, stop: { rminus1: 0.01 } },
    estimatedSeconds: 240,
  },
  {
    name: "fisher-forecast",
    title: "Fisher forecast",
    description: "Derivatives of a model at its fiducial point, inverted.",
    computeMode: "H100",
    config: { survey: "spherex" },
    estimatedSeconds: null,
  },
];

type RoomOptions = Parameters<typeof room>[1];

export interface StageOptions extends NonNullable<RoomOptions> {
  readonly memory?: UiMemory;
  readonly unicode?: boolean;
  readonly theme?: Theme;
  readonly unclaimed?: (input: OverlayInput) => void;
}

/** The room as main puts it together, and the Ink tree of its overlays. */
export function stage(
  state: AppState,
  {
    memory = createUiMemory(),
    unicode = true,
    theme = plainTheme,
    unclaimed = () => undefined,
    ...options
  }: StageOptions = {},
) {
  const made = room(state, options);
  const ui: Ui = {
    store: made.store,
    runner: made.runner,
    theme,
    look: { paint: paintWith(theme), charts: unicode ? "braille" : "ascii", unicode },
    memory,
    keys: createKeyQueue({ top: () => made.state().view.overlays.at(-1), unclaimed }),
  };
  return { ...made, ui, memory, tree: <Stage ui={ui} /> };
}

function Stage({ ui }: { readonly ui: Ui }): ReactNode {
  const { columns, rows } = ui.store.api.getState().view;
  return (
    <UiContext value={ui}>
      <Box width={columns} height={rows}>
        <OverlayStack />
      </Box>
    </UiContext>
  );
}

const named = new Set(["enter", "esc", "tab", "shift-tab", "up", "down", "right", "left", "backspace", "end"]);

/** Conditions are met in milliseconds; a machine with much else to do may take longer. */
const patience = { timeout: 15_000, interval: 10 };

/** A stage with a person at it. Sizes beyond 100 columns do not fit ink-testing-library. */
export function played(state: AppState, options: StageOptions = {}) {
  const made = stage(state, options);
  const screen = render(made.tree);
  const text = () => screen.lastFrame() ?? "";
  const top = () => made.state().view.overlays.at(-1)?.kind ?? null;
  return {
    ...made,
    text,
    top,
    open: (overlay: Overlay) => made.store.dispatch({ type: "view/overlayOpened", overlay }),
    /** Named keys, or text typed letter by letter. */
    press(...keys: readonly string[]) {
      for (const key of keys) {
        if (named.has(key) || key.startsWith("ctrl-")) made.ui.keys.push({ type: "key", name: key, text: "" });
        else for (const text of key) made.ui.keys.push({ type: "key", name: text === " " ? "space" : text, text });
      }
    },
    paste: (text: string) => made.ui.keys.push({ type: "paste", text }),
    sees: (part: string | RegExp) =>
      vi.waitFor(() => {
        const frame = text();
        if (typeof part === "string" ? !frame.includes(part) : !part.test(frame)) {
          throw new Error(`waited for ${String(part)} in:\n${frame}`);
        }
      }, patience),
    until: (holds: () => boolean) =>
      vi.waitFor(() => {
        if (!holds()) throw new Error(`waited in vain at:\n${text()}`);
      }, patience),
  };
}
