const two = (value: number) => String(value).padStart(2, "0");

/** Where the person is: `2026-11-21 09:40:12`. Unknown is `–`. */
export function dateTime(atMs: number | null): string {
  if (atMs === null) return "–";
  const at = new Date(atMs);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
