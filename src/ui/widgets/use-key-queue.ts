import { useLayoutEffect, useMemo, useState } from "react";
import type { Overlay } from "../../app/slices/view.js";
import { createKeyQueue, type KeyQueue } from "../key-queue.js";

/**
 * The queue between Ink's keys and the overlays. Each key changes this component's state as well: what the key has set off
 * is drawn in the same commit or an earlier one, so the commit says that the next key may come.
 */
export function useKeyQueue(top: () => Overlay | undefined): KeyQueue {
  const [drawn, setDrawn] = useState<{ readonly next: () => void } | null>(null);
  const queue = useMemo(() => createKeyQueue({ top, afterDrawn: (next) => setDrawn({ next }) }), [top]);
  useLayoutEffect(() => {
    // Not within the commit: React counts updates made there, and a long input would look like an endless loop.
    if (drawn !== null) setImmediate(drawn.next);
  }, [drawn]);
  return queue;
}
