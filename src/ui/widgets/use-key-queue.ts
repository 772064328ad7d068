import { useLayoutEffect, useState } from "react";
import type { KeyQueue } from "../key-queue.js";

/**
 * Tells the queue when what a key has set off is drawn: each key changes this component's state as well, in the same commit or
 * a later one, so that commit says that the next key may come.
 */
export function useKeyQueue(keys: KeyQueue): void {
  const [drawn, setDrawn] = useState<{ readonly next: () => void } | null>(null);
  useLayoutEffect(() => keys.drawnBy((next) => setDrawn({ next })), [keys]);
  useLayoutEffect(() => {
    // Not within the commit: React counts updates made there, and a long input would look like an endless loop.
    if (drawn !== null) setImmediate(drawn.next);
  }, [drawn]);
}
