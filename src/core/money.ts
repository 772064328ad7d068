// Made once: a formatter is dear to make and cheap to use.
const cents = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** USD with cents, thousands grouped: `$1,234.50`. Unknown is `–`, never `$0.00`; an estimate carries `~`. */
export function usd(amountUsd: number | null | undefined, options: { estimate?: boolean } = {}): string {
  if (amountUsd === null || amountUsd === undefined || !Number.isFinite(amountUsd)) return "–";
  const text = cents.format(Math.abs(amountUsd));
  return `${options.estimate === true ? "~" : ""}${amountUsd < 0 ? "-" : ""}$${text}`;
}
