/** setTimeout holds no more than this many ms. */
const longestMs = 2 ** 31 - 1;

/** Calls `fire` once at `atMs`, however far that is; the process need not stay for it. Returns the way to cancel. */
export function callAt(atMs: number, fire: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const leftMs = atMs - Date.now();
    timer = setTimeout(leftMs > longestMs ? wait : fire, Math.min(Math.max(0, leftMs), longestMs));
    timer.unref();
  };
  wait();
  return () => clearTimeout(timer);
}
