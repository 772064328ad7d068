export const dayMs = 86_400_000;

/** Days since 1970 UTC of the `count` days that end with the one of `now`, oldest first. */
export function lastDays(now: number, count = 30): readonly number[] {
  const today = Math.floor(now / dayMs);
  return Array.from({ length: count }, (_, index) => today - count + 1 + index);
}

/** `2026-11-22` */
export const dayName = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10);
