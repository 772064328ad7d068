const cells = 10;
const eighths = " ▏▎▍▌▋▊▉";

/** A bar as tqdm draws it: ` 45%|████▌     | 270/600 [01:07<01:22,  4.00it/s]`. */
export function progressBar(done: number, total: number, elapsedMs: number): string {
  const filled = (cells * done) / total;
  const part = eighths[Math.floor((filled % 1) * 8)]?.trim() ?? "";
  const bar = `${"█".repeat(Math.floor(filled))}${part}`.padEnd(cells);
  const perSecond = elapsedMs === 0 ? null : (1000 * done) / elapsedMs;
  const leftMs = perSecond === null || perSecond === 0 ? null : (1000 * (total - done)) / perSecond;
  const percent = String(Math.floor((100 * done) / total)).padStart(3);
  const rate = perSecond === null ? "?" : perSecond.toFixed(2).padStart(5);
  return `${percent}%|${bar}| ${done}/${total} [${clock(elapsedMs)}<${leftMs === null ? "?" : clock(leftMs)}, ${rate}it/s]`;
}

function clock(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const seconds = Math.floor(ms / 1000);
  const tail = `${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${tail}` : tail;
}
