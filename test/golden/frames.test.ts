import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { textWidth } from "../../src/terminal/glyph-width.js";
import { panes } from "../../src/ui/panes/index.js";
import { lookOf, stripSgr } from "../ui/room.js";
import { paneScenes, screenOf, screenScenes } from "./scenes.js";

/** `UPDATE_GOLDEN=1` writes the frames anew; look at the difference before it is committed. */
const updating = process.env["UPDATE_GOLDEN"] === "1";
const folder = new URL("frames/", import.meta.url);
const sizes = [
  [80, 24],
  [120, 36],
  [200, 50],
] as const;
const checked = new Set<string>();

mkdirSync(folder, { recursive: true });

function expectFrame(name: string, rows: readonly string[], [columns, height]: readonly [number, number]): void {
  const plain = rows.map(stripSgr);
  expect(plain.map(textWidth)).toEqual(Array.from({ length: height }, () => columns));
  const text = `${plain.map((row) => row.trimEnd()).join("\n")}\n`;
  const file = new URL(`${name}.txt`, folder);
  checked.add(`${name}.txt`);
  if (updating) writeFileSync(file, text);
  expect(existsSync(file), `${name} has no golden frame: run with UPDATE_GOLDEN=1`).toBe(true);
  expect(text).toBe(readFileSync(file, "utf8"));
}

describe.each(sizes)("panes at %i×%i", (columns, rows) => {
  it.each(Object.entries(paneScenes))("%s", (name, { pane, state }) => {
    const room = state(columns, rows);
    const focused = { ...room, view: { ...room.view, focus: pane } };
    expectFrame(
      `${name}-${columns}x${rows}`,
      panes[pane].rows(focused, { width: columns, height: rows }, lookOf("dark")),
      [columns, rows],
    );
  });
});

describe.each([...sizes, [150, 20], [80, 50], [40, 10], [59, 4], [9, 1]] as const)(
  "screens at %i×%i",
  (columns, rows) => {
    it.each(Object.entries(screenScenes))("%s", (name, state) => {
      expectFrame(`screen-${name}-${columns}x${rows}`, screenOf(state(columns, rows), lookOf("dark")), [columns, rows]);
    });
  },
);

describe("other alphabets at 120×36", () => {
  it.each([
    ["block", true],
    ["ascii", false],
  ] as const)("%s", (charts, unicode) => {
    for (const scene of ["busy", "fleet", "costs-focused"]) {
      const rows = screenOf(screenScenes[scene]!(120, 36), lookOf("none", charts, unicode));
      expectFrame(`screen-${scene}-${charts}-120x36`, rows, [120, 36]);
      if (!unicode) expect(rows.join(""), scene).not.toMatch(/[^\x00-\x7f]/);
    }
  });
});

describe("themes", () => {
  it.each(["dark", "light", "high-contrast", "sixteen", "none"])("%s says the same words", (theme) => {
    for (const scene of ["busy", "fleet", "costs-focused"]) {
      const rows = (name: string) => screenOf(screenScenes[scene]!(120, 36), lookOf(name)).map(stripSgr);
      expect(rows(theme), scene).toEqual(rows("dark"));
    }
  });
});

afterAll(() => {
  if (!updating) return;
  for (const file of readdirSync(folder)) if (!checked.has(file)) rmSync(new URL(file, folder));
});
