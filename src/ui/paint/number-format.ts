import { grouped } from "../../core/grouped.js";

/** `12,431`. */
export function count(value: number): string {
  return value > -1000 && value < 1000 ? String(Math.trunc(value)) : grouped(Math.trunc(value));
}

/** At most five columns: `812`, `12.4k`, `3.1M`. Unknown is `–`. */
export function shortCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size < 1000) return String(Math.round(value));
  if (size < 999_950) return `${(value / 1000).toFixed(size < 99_950 ? 1 : 0)}k`;
  return `${(value / 1_000_000).toFixed(size < 99_950_000 ? 1 : 0)}M`;
}

/** `96%`; at most four columns. Unknown is `–`. */
export function percent(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "–" : `${Math.round(value)}%`;
}

/** Few digits, whatever the size: `0.0312`, `12.4`, `3.1e-7`. Not a number is said as it was printed. */
export function significant(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return "–";
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(digits - 2);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(decimals, 6));
}

/** At most two decimals, fewer where the number is long: `<0.01`, `0.42`, `12.4`, `1,204`. Unknown is `–`. */
export function hoursText(hours: number | null | undefined): string {
  if (hours === null || hours === undefined || !Number.isFinite(hours)) return "–";
  if (hours > 0 && hours < 0.01) return "<0.01";
  if (hours >= 999.95) return count(Math.round(hours));
  const text = hours.toFixed(hours < 9.995 ? 2 : 1);
  return hours === 0 ? "0" : text;
}

const two = (value: number) => String(value).padStart(2, "0");

/** Local time, `HH:MM:SS`; with 5 columns `HH:MM`. */
export function timeOfDay(atMs: number, columns: 5 | 8): string {
  const date = new Date(atMs);
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return columns === 5 ? minutes : `${minutes}:${two(date.getSeconds())}`;
}
