/** One row of the table: what was measured, what it may cost, and what stands beside it for comparison. */
export interface Row {
  readonly what: string;
  readonly ours: number | null;
  readonly unit: string;
  /** The budget of the architecture; null where a row only informs. */
  readonly limit: number | null;
  /** `most`: ours must not be above the limit; `least`: not below. */
  readonly sense: "most" | "least";
  readonly peers?: Readonly<Record<string, number | null>>;
  /** How it was measured, or why it was not. */
  readonly note?: string;
}

/** A benchmark measures one subject and may answer several rows. */
export interface Bench {
  readonly name: string;
  /** Whatever it starts is ended by what it defers to `cleanup`, also after a failure or Ctrl-C. */
  run(cleanup: AsyncDisposableStack): Promise<readonly Row[]>;
}

/** The value below which the given share of the samples lies; null without samples. */
export function percentile(samples: readonly number[], share: number): number | null {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

export const median = (samples: readonly number[]) => percentile(samples, 0.5);
