import { normaliseKey } from "./key-name.js";
import { commandForKey, type KeyMeaning, type Keymap } from "./keymap.js";
import type { AppState } from "./store.js";

/** Where a key goes: to the overlay on top, or to the keymap, which says what it means. */
export type KeyRoute = { readonly kind: "overlay" } | KeyMeaning;

/** These work whatever is open: they are about the terminal, and no overlay has a use for them. */
const always: ReadonlySet<string> = new Set(["app.redraw", "app.suspend"]);

/** Decides where a key goes. While anything is open it has every key, Esc included; typed text never runs a command. */
export function routeKey(state: AppState, key: string, keymap: Keymap): KeyRoute {
  const name = normaliseKey(key);
  const meaning = commandForKey(state, name, keymap);
  if (state.view.overlays.length === 0) return meaning;
  const isCombination = name.startsWith("ctrl-");
  return isCombination && meaning.kind === "run" && always.has(meaning.command.id) ? meaning : { kind: "overlay" };
}
