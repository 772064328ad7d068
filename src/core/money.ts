import { grouped } from "./grouped.js";

/** USD with cents, thousands grouped: `$1,234.50`. Unknown is `–`, never `$0.00`; an estimate carries `~`. */
export function usd(amountUsd: number | null | undefined, options: { estimate?: boolean } = {}): string {
  if (amountUsd === null || amountUsd === undefined || !Number.isFinite(amountUsd)) return "–";
  const text = grouped(Math.abs(amountUsd), 2);
  return `${options.estimate === true ? "~" : ""}${amountUsd < 0 ? "-" : ""}$${text}`;
}
