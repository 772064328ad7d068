import { createContext, use } from "react";
import { useStore } from "zustand";
import type { CommandRunner } from "../app/run-command.js";
import type { AppState, AppStore } from "../app/store.js";
import type { Theme } from "../theme/theme.js";
import type { Tone } from "../theme/tones.js";
import type { KeyQueue } from "./key-queue.js";
import type { UiMemory } from "./memory.js";
import type { Look } from "./panes/pane.js";
import { type InkStyle, inkStyle } from "./widgets/ink-style.js";

/** All that the Ink tree knows of the world. One value, made where the room is composed. */
export interface Ui {
  readonly store: AppStore;
  readonly runner: CommandRunner;
  readonly theme: Theme;
  readonly look: Look;
  readonly memory: UiMemory;
  /** What the person types. */
  readonly keys: KeyQueue;
}

export const UiContext = createContext<Ui | null>(null);

export function useUi(): Ui {
  const ui = use(UiContext);
  if (ui === null) throw new Error("useUi needs <UiContext>");
  return ui;
}

/** A part of the app's state; renders again when that part changes. */
export function useApp<T>(select: (state: AppState) => T): T {
  return useStore(useUi().store.api, select);
}

const stylesOfTheme = new WeakMap<Theme, Map<Tone, InkStyle>>();

/** How a tone looks in the theme, as props of Ink's `<Text>`. */
export function useTone(tone: Tone): InkStyle {
  const { theme } = useUi();
  const styles = stylesOfTheme.get(theme) ?? new Map<Tone, InkStyle>();
  stylesOfTheme.set(theme, styles);
  const known = styles.get(tone) ?? inkStyle(theme.prefixes[tone]);
  styles.set(tone, known);
  return known;
}
