import { writeSync } from "node:fs";

const retryMs = 5;
const patienceMs = 1_000;

/**
 * Writes all of `text` to `fd` before it returns, so that it also works in `exit` handlers. Waits a while where the
 * terminal is not ready (EAGAIN); says false where it is gone or stays deaf.
 */
export function writeAllSync(fd: number, text: string): boolean {
  const bytes = Buffer.from(text, "utf8");
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let written = 0;
  for (let waitedMs = 0; written < bytes.length; ) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      const isBusy = error instanceof Error && "code" in error && error.code === "EAGAIN";
      if (!isBusy || waitedMs >= patienceMs) return false;
      Atomics.wait(pause, 0, 0, retryMs);
      waitedMs += retryMs;
    }
  }
  return true;
}
