import { useInput, usePaste } from "ink";
import { inkKeyName, typedText } from "./ink-key.js";

export interface TypedKey {
  /** As in the key table: `enter`, `shift-tab`, `y`. */
  readonly name: string;
  /** The text it types; empty for keys that type none. */
  readonly text: string;
}

interface Options {
  readonly onPaste?: (text: string) => void;
  readonly isActive?: boolean;
}

/**
 * Keys for an overlay. Pasted text is never taken for keys: without `onPaste` it is dropped, so that a pasted `y` confirms
 * nothing.
 */
export function useKeys(onKey: (key: TypedKey) => void, { onPaste, isActive = true }: Options = {}): void {
  useInput((input, key) => onKey({ name: inkKeyName(input, key), text: typedText(input, key) }), { isActive });
  usePaste((text) => onPaste?.(text), { isActive });
}
