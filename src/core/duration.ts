const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** At most six columns: `42s`, `12m`, `2h13`, `3d04`, `412d`. A missing duration is `–`, a negative one `0s`. */
export function shortDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  if (ms < minuteMs) return `${Math.max(0, Math.floor(ms / 1000))}s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)}m`;
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  if (ms < dayMs) return `${Math.floor(ms / hourMs)}h${two((ms % hourMs) / minuteMs)}`;
  if (ms < 100 * dayMs) return `${Math.floor(ms / dayMs)}d${two((ms % dayMs) / hourMs)}`;
  return `${Math.floor(ms / dayMs)}d`;
}

/** For sentences: `42 s`, `12 min`, `2 h 13 min`, `6 h`, `3 d 4 h`. */
export function longDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return "–";
  if (ms < minuteMs) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < dayMs) return twoParts([ms / hourMs, "h"], [(ms % hourMs) / minuteMs, "min"]);
  return twoParts([ms / dayMs, "d"], [(ms % dayMs) / hourMs, "h"]);
}

/** Nothing of the smaller unit is not said. */
function twoParts(large: readonly [number, string], small: readonly [number, string]): string {
  const said = ([amount, unit]: readonly [number, string]) => `${Math.floor(amount)} ${unit}`;
  return Math.floor(small[0]) === 0 ? said(large) : `${said(large)} ${said(small)}`;
}
