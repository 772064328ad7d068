import type { Overlay } from "../app/slices/view.js";

/** A key, named as in the key table, with the text it types (empty if none); or a paste, which is never taken for keys. */
export type OverlayInput =
  | { readonly type: "key"; readonly name: string; readonly text: string }
  | { readonly type: "paste"; readonly text: string };

type Listener = (input: OverlayInput) => void;
/** Calls back when what was set off has been drawn. */
type AfterDrawn = (next: () => void) => void;

/**
 * All that the person types, one at a time and in order: to the overlay on top, or back to the room where nothing is open. Keys
 * that come glued (`n`, Enter, Enter, `j` in one read of a slow line) must each see what the one before has done: the next
 * waits until React has drawn, and keys for an overlay that is open but not drawn yet wait for it.
 */
export interface KeyQueue {
  push(input: OverlayInput): void;
  /** The overlay is drawn and takes input. Answers how to stop. */
  listen(overlay: Overlay, listener: Listener): () => void;
  /** Whoever draws the overlays says when they are; until then nothing is given to one. */
  drawnBy(afterDrawn: AfterDrawn): void;
}

interface KeyQueueOptions {
  readonly top: () => Overlay | undefined;
  /** No overlay is open: what the key means is the room's to say. It may open one. */
  readonly unclaimed: Listener;
}

export function createKeyQueue({ top, unclaimed }: KeyQueueOptions): KeyQueue {
  const listeners = new Map<Overlay, Listener>();
  const waiting: OverlayInput[] = [];
  let afterDrawn: AfterDrawn | null = null;
  let isBusy = false;

  /** Gives one input away; false while it must wait. */
  const deliverOne = (): boolean => {
    const overlay = top();
    const listener = overlay === undefined ? undefined : listeners.get(overlay);
    const [input] = waiting;
    if (isBusy || input === undefined) return false;
    if (overlay === undefined) {
      waiting.shift();
      unclaimed(input);
      return true;
    }
    if (listener === undefined || afterDrawn === null) return false;
    waiting.shift();
    isBusy = true;
    listener(input);
    afterDrawn(() => {
      isBusy = false;
      deliver();
    });
    return true;
  };
  const deliver = () => {
    while (deliverOne());
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
    drawnBy(next) {
      afterDrawn = next;
      deliver();
    },
  };
}
