import { describe, expect, it } from "vitest";
import { routeInput } from "../../src/room/input.js";
import type { KeyEvent, PasteEvent } from "../../src/terminal/input-event.js";
import { InputFilter } from "../../src/terminal/input-filter.js";
import { systemTimers } from "../../src/terminal/timers.js";
import { experiment, room, stateOf } from "../app/fixtures.js";

/** A room at a terminal: bytes go in as they are read. Overlays are drawn at once. */
function setting() {
  const made = room(stateOf({ type: "experiments/received", rows: [experiment(1)] }));
  let key: (event: KeyEvent) => void = () => undefined;
  let paste: (event: PasteEvent) => void = () => undefined;
  const keys = routeInput({
    terminal: { onKey: (listener) => (key = listener), onPaste: (listener) => (paste = listener) },
    store: made.store,
    runner: made.runner,
  });
  keys.drawnBy((next) => next());
  const filter = new InputFilter(systemTimers, (event) => {
    if (event.type === "key") key(event);
    if (event.type === "paste") paste(event);
  });
  const heard: string[] = [];
  const open = new Set<unknown>();
  made.store.api.subscribe(({ view }) => {
    const top = view.overlays.at(-1);
    if (top === undefined || open.has(top)) return;
    open.add(top);
    keys.listen(top, (input) => {
      heard.push(`${top.kind} ${input.type === "key" ? `${input.name} ${input.text}`.trim() : input.text}`);
      if (input.type === "key" && input.name === "esc") made.store.dispatch({ type: "view/overlayClosed" });
    });
  });
  const top = () => made.state().view.overlays.at(-1)?.kind ?? null;
  return { ...made, heard, top, read: (bytes: string) => filter.push(Buffer.from(bytes)) };
}

describe("what is typed", () => {
  it("is taken in its order, whatever opens and closes in between", () => {
    const { read, heard, top, state } = setting();
    read("?ab\x1bz:c");
    expect(heard).toEqual(["help a a", "help b b", "help esc", "palette c c"]);
    expect(state().view.zoomed).toBe(true);
    expect(top()).toBe("palette");
  });

  it("is Esc and a key where both came in one read, unless the two mean something as one", () => {
    const { read, heard, top } = setting();
    read("?\x1bf\x1b\r");
    expect(heard).toEqual(["help alt-f", "help esc"]);
    expect(top()).toBe(null);
  });

  it("says what it types, wide letters and the blank too", () => {
    const { read, heard } = setting();
    read("? 界\x7f\x1b[A");
    expect(heard).toEqual(["help space", "help 界 界", "help backspace", "help up"]);
  });

  it("is text when it is pasted, and nothing where no text is asked for", () => {
    const { read, heard, state } = setting();
    read("\x1b[200~q\x1b[201~?\x1b[200~q\x1b[201~");
    expect(heard).toEqual(["help q"]);
    expect(state().actions.history[0]?.text).toMatch(/pasted text is not taken for keys/);
  });
});
