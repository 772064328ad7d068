import type { chainMarks } from "../contract/metrics.js";

export type ChainMark = (typeof chainMarks)[number];

/** What one line of output says, in numbers. Numbers may be NaN or infinite here: that is what the run printed. */
export type ChainEvent =
  /** A sampler's sign of life. `accepted` is null while it burns in, `burnInLeft` afterwards. */
  | {
      readonly kind: "progress";
      readonly rank: number;
      readonly steps: number;
      readonly accepted: number | null;
      readonly burnInLeft: number | null;
    }
  | { readonly kind: "checkpoint"; readonly rank: number; readonly accepted: number }
  | { readonly kind: "burned-in"; readonly rank: number; readonly discarded: number }
  /** `perRank` is empty for a single process. */
  | { readonly kind: "acceptance"; readonly rank: number; readonly value: number; readonly perRank: readonly number[] }
  | { readonly kind: "thinned-weight"; readonly rank: number; readonly value: number }
  /** Gelman–Rubin R-1. `accepted` is null where the tool does not print it. */
  | {
      readonly kind: "rminus1";
      readonly rank: number;
      readonly of: "means" | "bounds";
      readonly value: number;
      readonly accepted: number | null;
      readonly perRank: readonly number[];
    }
  | { readonly kind: "ess"; readonly rank: number; readonly value: number }
  | { readonly kind: "mark"; readonly rank: number; readonly mark: ChainMark }
  /** Understood, and without a number anybody plots: the sampler started, learned, waits, or is complete. */
  | { readonly kind: "phase"; readonly rank: number; readonly phase: ChainPhase }
  | { readonly kind: "fraction"; readonly rank: number; readonly done: number; readonly total: number }
  /** Any other number of the run, such as `loss`. `step` is null where the line has none. */
  | {
      readonly kind: "metric";
      readonly rank: number;
      readonly name: string;
      readonly value: number;
      readonly step: number | null;
    };

export type ChainPhase = "started" | "learned" | "waiting" | "ready" | "complete" | "not-yet";
