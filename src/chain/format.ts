import type { ChainEvent } from "./event.js";

/** One kind of line. `events` gets the groups of `re`, group 0 being the whole match. */
export interface Pattern {
  readonly name: string;
  readonly re: RegExp;
  readonly events: (groups: readonly (string | undefined)[], rank: number) => readonly ChainEvent[];
}

/**
 * How one tool writes. Of the formats of one family the first pattern that matches speaks for the line; families are
 * independent, so a progress bar that ends in `loss=0.3` gives both.
 */
export interface Format {
  readonly tool: string;
  readonly family: "chain" | "training" | "progress" | "eta";
  /** `message` is the text behind Cobaya's `[rank : logger] `, `line` the whole line without ANSI codes. */
  readonly reads: "message" | "line";
  /**
   * Texts of which a line of this format has at least one: the cheap test before any pattern. A search is as fast as the
   * first letter is rare, so these begin with capitals and signs where they can.
   */
  readonly needles: readonly string[];
  readonly patterns: readonly Pattern[];
}
