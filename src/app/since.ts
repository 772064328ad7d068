import type { LogState } from "./slices/log.js";
import type { AppEvent } from "./store.js";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How far back the brackets step; beyond the last is the first line held. */
export const sinceWindowsMs = [minuteMs, 5 * minuteMs, 15 * minuteMs, 30 * minuteMs, hourMs, 6 * hourMs] as const;

/** Puts the window at the first line of the last `windowMs`. Nothing is hidden: the lines before are above. */
export function sinceMoved({ buffer }: LogState, nowMs: number, windowMs: number): AppEvent {
  if (windowMs === Infinity) return { type: "log/scrolled", topIndex: buffer.firstIndex };
  return { type: "log/scrolled", topIndex: buffer.indexAt(nowMs - windowMs), sinceMs: windowMs };
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: minuteMs, h: hourMs, d: dayMs };

/** `15m`, `2h`, `1d` before now, or the last time it was `03:10` on the person's clock; null if it is neither. */
export function parseSince(text: string, nowMs: number): number | null {
  const [, count, unit] = /^\s*(\d+(?:\.\d+)?)\s*([smhd])\w*\s*$/i.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * (unitMs[unit.toLowerCase()] ?? minuteMs);
  const [, hours, minutes, seconds] = /^\s*([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\s*$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return null;
  const at = new Date(nowMs).setHours(Number(hours), Number(minutes), Number(seconds ?? 0), 0);
  return at <= nowMs ? nowMs - at : nowMs - at + dayMs;
}
