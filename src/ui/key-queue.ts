import type { Overlay } from "../app/slices/view.js";

/** A key, named as in the key table, with the text it types (empty if none); or a paste, which is never taken for keys. */
export type OverlayInput =
  | { readonly type: "key"; readonly name: string; readonly text: string }
  | { readonly type: "paste"; readonly text: string };

type Listener = (input: OverlayInput) => void;

/**
 * Gives input to the overlay on top, one at a time. Keys that come glued (`n`, Enter, Enter in one read of a slow line)
 * must each see what the one before has done, so the next waits until React has drawn; and keys for an overlay that is
 * open but not drawn yet wait for it. Input for an overlay that has been closed meanwhile is dropped.
 */
export interface KeyQueue {
  push(input: OverlayInput): void;
  /** The overlay is drawn and takes input. Answers how to stop. */
  listen(overlay: Overlay, listener: Listener): () => void;
}

interface KeyQueueOptions {
  readonly top: () => Overlay | undefined;
  /** Calls back when what was set off has been drawn. */
  readonly afterDrawn: (next: () => void) => void;
}

export function createKeyQueue({ top, afterDrawn }: KeyQueueOptions): KeyQueue {
  const listeners = new Map<Overlay, Listener>();
  const waiting: OverlayInput[] = [];
  let busy = false;

  const deliver = () => {
    const overlay = top();
    if (overlay === undefined) waiting.length = 0;
    const listener = overlay === undefined ? undefined : listeners.get(overlay);
    if (busy || listener === undefined) return;
    const input = waiting.shift();
    if (input === undefined) return;
    busy = true;
    listener(input);
    afterDrawn(() => {
      busy = false;
      deliver();
    });
  };

  return {
    push(input) {
      waiting.push(input);
      deliver();
    },
    listen(overlay, listener) {
      listeners.set(overlay, listener);
      deliver();
      return () => {
        if (listeners.get(overlay) === listener) listeners.delete(overlay);
      };
    },
  };
}
