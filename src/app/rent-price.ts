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

/** What RunPod asks for a GB of volume and month while the pod is stopped; of others nobody has told. */
const stoppedUsdPerGbMonth: Readonly<Record<string, number>> = { runpod: 0.2 };

/** What a volume costs a month while its pod is stopped; null where nobody knows. */
export function stoppedUsdPerMonth(provider: string | undefined, volumeGb: number | null): number | null {
  const perGb = stoppedUsdPerGbMonth[provider ?? ""];
  return perGb === undefined || volumeGb === null ? null : perGb * volumeGb;
}
