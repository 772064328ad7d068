import { routeKey } from "../app/key-input.js";
import type { CommandRunner } from "../app/run-command.js";
import type { AppStore } from "../app/store.js";
import type { KeyEvent, PasteEvent } from "../terminal/input-event.js";
import { createKeyQueue, type KeyQueue } from "../ui/key-queue.js";

export interface InputParts {
  readonly terminal: {
    onKey(listener: (event: KeyEvent) => void): unknown;
    onPaste(listener: (event: PasteEvent) => void): unknown;
  };
  readonly store: AppStore;
  readonly runner: CommandRunner;
}

/**
 * Each key goes to the keymap or, while something lies over the panes, to that; in the order they were typed, whatever opens or
 * closes in between. Pastes are text, never keys.
 */
export function routeInput({ terminal, store, runner }: InputParts): KeyQueue {
  const say = (text: string) => store.dispatch({ type: "notice/shown", tone: "info", text, at: Date.now() });
  const meaning = (name: string) => routeKey(store.api.getState(), name, runner.keymap);
  const keys = createKeyQueue({
    top: () => store.api.getState().view.overlays.at(-1),
    unclaimed(input) {
      const route = input.type === "paste" ? null : meaning(input.name);
      if (route === null) say("pasted text is not taken for keys; open a form or / first");
      else if (route.kind === "run") void runner.run(route.command.id);
      else if (route.kind === "refused") say(`${route.command.title}: ${route.reason}`);
    },
  });
  const take = (name: string) => {
    const route = meaning(name);
    const isOpen = store.api.getState().view.overlays.length > 0;
    // What works whatever is open (redraw) does not wait for it either.
    if (isOpen && route.kind === "run") void runner.run(route.command.id);
    else keys.push({ type: "key", name, text: typedText(name) });
  };
  terminal.onKey((event) => {
    const second = gluedToEsc(event);
    if (second === null || meaning(event.name).kind === "run") take(event.name);
    else for (const name of ["esc", second]) take(name);
  });
  terminal.onPaste(({ text }) => keys.push({ type: "paste", text }));
  return keys;
}

/** The text a key types; empty for keys that type none. A key that types is named by what it types. */
function typedText(name: string): string {
  return name === "space" ? " " : Array.from(name).length === 1 ? name : "";
}

/** Text fields have a use for these. */
const edits: ReadonlySet<string> = new Set(["alt-b", "alt-f", "alt-backspace"]);

/**
 * Esc and a key typed soon after it come in one read over a slow line and look like the key with Alt. Where that is no key of
 * ours it was the two.
 */
function gluedToEsc({ chunk, name }: KeyEvent): string | null {
  if (!/^\x1b[^\x1b[\]O]$/u.test(chunk) || !name.startsWith("alt-") || edits.has(name)) return null;
  return name.slice("alt-".length);
}
