import { createContext, use, useEffectEvent, useLayoutEffect } from "react";
import type { Overlay } from "../../app/slices/view.js";
import type { KeyQueue } from "../key-queue.js";

export interface TypedKey {
  /** As in the key table: `enter`, `shift-tab`, `y`. */
  readonly name: string;
  /** The text it types; empty for keys that type none. */
  readonly text: string;
}

/** The overlay that the widgets below it belong to, and where its keys come from. */
export const OverlayContext = createContext<{ readonly overlay: Overlay; readonly queue: KeyQueue } | null>(null);

const esc: TypedKey = { name: "esc", text: "" };

/** Keys for the overlay around, while it is on top; Ctrl-C closes it as Esc does. Without `onPaste` a paste is dropped: a pasted `y` confirms nothing. */
export function useKeys(onKey: (key: TypedKey) => void, onPaste?: (text: string) => void): void {
  const target = use(OverlayContext);
  const take = useEffectEvent((input: Parameters<KeyQueue["push"]>[0]) => {
    if (input.type === "key") onKey(input.name === "ctrl-c" ? esc : input);
    else onPaste?.(input.text);
  });
  useLayoutEffect(() => target?.queue.listen(target.overlay, (input) => take(input)), [target]);
}
