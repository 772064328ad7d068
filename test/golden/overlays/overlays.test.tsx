import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { renderToString } from "ink";
import { describe, expect, it } from "vitest";
import { textWidth } from "../../../src/terminal/glyph-width.js";
import { plainTheme, type Theme } from "../../../src/theme/theme.js";
import { loadTheme } from "../../../src/theme/theme-file.js";
import { stateOf } from "../../app/fixtures.js";
import { stage } from "../../ui/overlays/stage.js";
import { eventsOf, overlayScenes } from "./scenes.js";

/** `UPDATE_GOLDEN=1` writes the frames anew; look at the difference before it is committed. */
const updating = process.env["UPDATE_GOLDEN"] === "1";
const folder = new URL("frames/", import.meta.url);
const sizes = [
  [60, 16],
  [80, 24],
  [120, 36],
  [200, 50],
] as const;
mkdirSync(folder, { recursive: true });

function fileTheme(name: string): Theme {
  return loadTheme(JSON.parse(readFileSync(new URL(`../../../themes/${name}.json`, import.meta.url), "utf8")), name);
}

function frameOf(
  name: string,
  [columns, rows]: readonly [number, number],
  { unicode = true, theme = plainTheme }: { readonly unicode?: boolean; readonly theme?: Theme } = {},
): readonly string[] {
  const scene = overlayScenes[name];
  if (scene === undefined) throw new Error(`no scene ${name}`);
  const state = stateOf(...eventsOf(scene), { type: "view/resized", columns, rows });
  const drawn = renderToString(stage(state, { unicode, theme }).tree, { columns });
  return stripVTControlCharacters(drawn).split("\n");
}

describe.each(sizes)("overlays at %i×%i", (columns, rows) => {
  it.each(Object.keys(overlayScenes))("%s", (name) => {
    const frame = frameOf(name, [columns, rows]);
    expect(frame).toHaveLength(rows);
    expect(Math.max(...frame.map(textWidth))).toBeLessThanOrEqual(columns);
    const text = `${frame.map((row) => row.trimEnd()).join("\n")}\n`;
    const file = new URL(`${name}-${columns}x${rows}.txt`, folder);
    if (updating) writeFileSync(file, text);
    expect(existsSync(file), `${name} has no golden frame: run with UPDATE_GOLDEN=1`).toBe(true);
    expect(text).toBe(readFileSync(file, "utf8"));
  });
});

it.each(Object.keys(overlayScenes))("%s needs no more than ASCII where the terminal has no more", (name) => {
  // Titles and reasons are the person's own text.
  const chrome = frameOf(name, [80, 24], { unicode: false }).join("");
  expect(chrome.replace(/[–…]/g, "")).not.toMatch(/[^\x00-\x7f]/);
});

describe.each(["dark", "light", "high-contrast", "sixteen"])("in the theme %s", (theme) => {
  it.each(Object.keys(overlayScenes))("%s says the same words as without colour", (name) => {
    expect(frameOf(name, [120, 36], { theme: fileTheme(theme) })).toEqual(frameOf(name, [120, 36]));
  });
});

it.each([
  [1, 1],
  [20, 4],
  [59, 15],
])("nothing is drawn outside a screen of %i×%i", (columns, rows) => {
  for (const name of Object.keys(overlayScenes)) {
    const frame = frameOf(name, [columns, rows]);
    expect(frame.length, name).toBeLessThanOrEqual(rows);
    expect(Math.max(...frame.map(textWidth)), name).toBeLessThanOrEqual(columns);
  }
});

it("has no frame of a scene that is gone", () => {
  const known = Object.keys(overlayScenes).flatMap((name) => sizes.map(([c, r]) => `${name}-${c}x${r}.txt`));
  expect(readdirSync(folder).filter((file) => !known.includes(file))).toEqual([]);
});
