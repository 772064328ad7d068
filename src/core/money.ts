// Not Intl: the first formatter of a process takes 25 ms, which every start would pay.
const cents = (amount: number) => amount.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ",");

/** USD with cents, thousands grouped: `$1,234.50`. Unknown is `–`, never `$0.00`; an estimate carries `~`. */
export function usd(amountUsd: number | null | undefined, options: { estimate?: boolean } = {}): string {
  if (amountUsd === null || amountUsd === undefined || !Number.isFinite(amountUsd)) return "–";
  const text = cents(Math.abs(amountUsd));
  return `${options.estimate === true ? "~" : ""}${amountUsd < 0 ? "-" : ""}$${text}`;
}
