import type { PaneId } from "../../app/slices/view.js";
import type { AppState } from "../../app/store.js";
import type { Tone } from "../../theme/tones.js";

/** Wraps text in the SGR of a tone. Plain text goes in; the writer reduces colours to what the terminal can do. */
export type Paint = (tone: Tone, text: string) => string;

export interface Look {
  readonly paint: Paint;
  /** Which alphabet charts and sparklines use, and whether borders and state glyphs may leave ASCII. */
  readonly charts: "braille" | "block" | "ascii";
  readonly unicode: boolean;
}

export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

/**
 * A pane is a pure function from state to rows of text with SGR: the whole box, border and title included, exactly `height`
 * rows of exactly `width` columns. Rows that did not change should be the same string, so that the screen skips them.
 */
export interface Pane {
  readonly id: PaneId;
  readonly title: string;
  readonly minimum: PaneSize;
  rows(state: AppState, size: PaneSize, look: Look): readonly string[];
  /** In a list: which of the rows the cursor is on; null without one. */
  cursorRow?(state: AppState, size: PaneSize): number | null;
}
