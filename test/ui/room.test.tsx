import { stripVTControlCharacters } from "node:util";
import { renderToString } from "ink";
import { expect, it } from "vitest";
import { footerCommands } from "../../src/app/key-table.js";
import { paintWith, plainTheme } from "../../src/theme/theme.js";
import { UiContext } from "../../src/ui/hooks.js";
import { createKeyQueue } from "../../src/ui/key-queue.js";
import { createUiMemory } from "../../src/ui/memory.js";
import { createLook } from "../../src/ui/paint/look.js";
import { Room } from "../../src/ui/room.js";
import { screenRows } from "../../src/ui/screen.js";
import { room } from "../app/fixtures.js";
import { busyRoom } from "./room.js";

const look = createLook({ paint: paintWith(plainTheme), charts: "braille", unicode: true });

function drawn(columns: number, rows: number, help: boolean) {
  const made = room(busyRoom(columns, rows));
  if (help) made.store.dispatch({ type: "view/overlayOpened", overlay: { kind: "help" } });
  const { store, runner } = made;
  const ui = {
    store,
    runner,
    theme: plainTheme,
    look,
    memory: createUiMemory(),
    keys: createKeyQueue({ top: () => undefined, unclaimed: () => undefined }),
  };
  const frame = renderToString(
    <UiContext value={ui}>
      <Room />
    </UiContext>,
    { columns },
  );
  const plain = (rows: readonly string[]) => rows.map((row) => stripVTControlCharacters(row).trimEnd());
  return {
    frame: plain(frame.split("\n")),
    painted: plain(screenRows(store.api.getState(), footerCommands(store.api.getState(), made.keymap), look)),
  };
}

it.each([
  [80, 24],
  [120, 36],
  [200, 50],
  [50, 10],
])("Ink lays the parts out at %i×%i where the first paint has them", (columns, rows) => {
  const { frame, painted } = drawn(columns, rows, false);
  expect(frame).toEqual(painted);
});

it("what lies over the panes hides them and leaves the rest", () => {
  const { frame, painted } = drawn(120, 36, true);
  expect(frame[0]).toBe(painted[0]);
  expect(frame.at(-1)).toBe(painted.at(-1));
  expect(frame[3]?.slice(6, 114)).toBe(`│${" ".repeat(106)}│`);
  expect(frame[3]?.slice(0, 6)).toBe(painted[3]?.slice(0, 6));
});
