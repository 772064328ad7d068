import type { StockRow } from "../contract/pod.js";
import { usd } from "../core/money.js";

/** USD from..to; both the same where there is one price. */
export interface Range {
  readonly lowUsd: number;
  readonly highUsd: number;
}

/** `$3.29`, `$2.49–$3.29`; unknown is `–`. */
export function rangeText(range: Range | null, options: { estimate?: boolean } = {}): string {
  if (range === null) return "–";
  const [low, high] = [usd(range.lowUsd, options), usd(range.highUsd, options)];
  return low === high ? low : `${low}–${usd(range.highUsd)}`;
}

export const times = (range: Range | null, factor: number): Range | null =>
  range === null ? null : { lowUsd: range.lowUsd * factor, highUsd: range.highUsd * factor };

/** What a volume costs a month while the pod is stopped, as the rows say that could be rented; null where nobody knows. */
export function stoppedUsdPerMonth(rows: readonly StockRow[], volumeGb: number | null): number | null {
  const perGb = rows.find((row) => row.stoppedUsdPerGbMonth !== null)?.stoppedUsdPerGbMonth ?? null;
  return perGb === null || volumeGb === null ? null : perGb * volumeGb;
}
