import { Box, Text, useWindowSize } from "ink";
import { expect, test } from "vitest";
import { opaqueBackground } from "../../src/terminal/colour.js";
import type { Size } from "../../src/terminal/grid.js";
import { mountInk } from "../../src/ui/ink-host.js";
import { Surface } from "../../src/ui/surface.js";
import { InkStage, settle } from "./ink-stage.js";
import { Random } from "./random.js";

interface Overlay {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** A dialog has a size and is opaque; a toast is its text alone. */
  readonly dialog: { readonly width: number; readonly height: number } | null;
}

interface Scene {
  readonly split: number;
  readonly zoomed: boolean;
  readonly overlays: readonly Overlay[];
}

/** Where the two panes are: a header row above, side by side or one alone. */
function panesOf({ split, zoomed }: Scene, { columns, rows }: Size) {
  const left = zoomed ? columns : Math.max(2, Math.min(columns - 2, Math.round(columns * split)));
  const height = rows - 1;
  const first = { slot: 1, x: 0, y: 1, width: left, height };
  return zoomed ? [first] : [first, { slot: 2, x: left, y: 1, width: columns - left, height }];
}

function Stage({ scene }: { readonly scene: Scene }) {
  const size = useWindowSize();
  return (
    <>
      <Text>header</Text>
      <Box>
        {panesOf(scene, size).map(({ slot, width, height }) => (
          <Surface key={slot} slot={slot} width={width} height={height} />
        ))}
      </Box>
      {scene.overlays.map(({ x, y, text, dialog }, index) => (
        <Box
          key={index}
          position="absolute"
          left={x}
          top={y}
          {...(dialog === null ? {} : { ...dialog, backgroundColor: opaqueBackground })}
        >
          <Text wrap="truncate">{text}</Text>
        </Box>
      ))}
    </>
  );
}

/** One row of a pane: letters that tell slot, row and version apart, and some wide glyphs. */
function paneRow(slot: number, row: number, version: number): string[] {
  const cells: string[] = [];
  for (let x = 0; x < 200; x++) {
    if ((x + row + version) % 11 === 0) cells.push("界", "");
    else cells.push(String.fromCharCode(65 + ((slot * 7 + row * 3 + x + version) % 26)));
  }
  return cells;
}

/** Puts cells on a picture: whatever is cut in two becomes a blank. */
function put(picture: string[][], { x, y }: { x: number; y: number }, cells: readonly string[]): void {
  const line = picture[y];
  if (line === undefined) return;
  const from = Math.max(0, x);
  const to = Math.min(line.length, x + cells.length);
  if (from >= to) return;
  if (line[from] === "") line[from - 1] = " ";
  if (line[to] === "") line[to] = " ";
  for (let at = from; at < to; at++) line[at] = cells[at - x] ?? " ";
  if (line[from] === "") line[from] = " ";
  if (cells[to - x] === "") line[to - 1] = " ";
}

const cellsOf = (text: string) => Array.from(text).flatMap((glyph) => (glyph > "\u2fff" ? [glyph, ""] : [glyph]));

/** What the screen must show, by arithmetic that knows nothing of markers. */
function expected(scene: Scene, size: Size, versions: readonly number[]): string[][] {
  const picture = Array.from({ length: size.rows }, () => Array.from({ length: size.columns }, () => " "));
  put(picture, { x: 0, y: 0 }, cellsOf("header"));
  for (const { slot, x, y, width, height } of panesOf(scene, size)) {
    for (let row = 0; row < height; row++) {
      const cells = paneRow(slot, row, versions[slot] ?? 0);
      const shown = cells.slice(0, width);
      if (cells[width] === "") shown[width - 1] = " ";
      put(picture, { x, y: y + row }, shown);
    }
  }
  for (const { x, y, text, dialog } of scene.overlays) {
    for (let row = 0; row < (dialog?.height ?? 0); row++) {
      put(
        picture,
        { x, y: y + row },
        Array.from({ length: dialog?.width ?? 0 }, () => " "),
      );
    }
    put(picture, { x, y }, cellsOf(text));
  }
  return picture;
}

function randomOverlay(random: Random, { columns, rows }: Size): Overlay {
  const text = random.pick(["saved", "界面 toast", "a 界 b", "x"]);
  const x = random.below(columns + 6) - 6;
  const y = random.below(rows);
  if (random.chance(0.4)) return { x, y, text, dialog: null };
  const width = 12 + random.below(columns);
  return { x, y, text, dialog: { width, height: 1 + random.below(rows + 3) } };
}

function nextScene(scene: Scene, random: Random, size: Size): Scene {
  const overlays = random.chance(0.5)
    ? [...scene.overlays, randomOverlay(random, size)].slice(-4)
    : scene.overlays.slice(random.below(scene.overlays.length + 1));
  const zoomed = random.chance(0.15) ? !scene.zoomed : scene.zoomed;
  const split = random.chance(0.2) ? 0.2 + random.next() * 0.6 : scene.split;
  return { overlays, zoomed, split };
}

/** Plays random steps; returns how many flushes there were and which of them showed something wrong. */
async function play(seed: number, steps: number, composeAtOnce: boolean) {
  const random = new Random(seed);
  const stage = new InkStage({ columns: 50, rows: 14 });
  const { screen } = stage;
  let scene: Scene = { split: 0.5, zoomed: false, overlays: [] };
  const versions = [0, 0, 0];
  const result = { flushes: 0, wrong: [] as string[] };
  stage.onWrite = () => {
    result.flushes++;
    const wanted = expected(scene, stage.size, versions).map((row) => row.join("·"));
    const row = stage.cells().findIndex((cells, index) => cells.join("·") !== wanted[index]);
    if (row >= 0)
      result.wrong.push(
        `flush ${result.flushes}, row ${row}:\n${stage.cells()[row]?.join("")}\n${wanted[row]?.replaceAll("·", "")}`,
      );
  };
  if (composeAtOnce) {
    const later = screen.inkFrame.bind(screen);
    screen.inkFrame = (frame) => {
      later(frame);
      screen.composeNow();
    };
  }
  const paint = (slot: number) => {
    const surface = screen.surface(slot);
    surface.setRows(
      Array.from({ length: surface.height }, (_, row) => paneRow(slot, row, versions[slot] ?? 0).join("")),
    );
  };
  for (const slot of [1, 2]) screen.surface(slot).onSize(() => paint(slot));
  const ink = mountInk(stage, <Stage scene={scene} />);
  await settle();
  for (let step = 0; step < steps; step++) {
    const repaint = () => {
      const slot = 1 + random.below(2);
      versions[slot] = (versions[slot] ?? 0) + 1;
      paint(slot);
    };
    if (random.chance(0.4)) repaint();
    if (random.chance(0.08)) stage.resize({ columns: 30 + random.below(40), rows: 8 + random.below(10) });
    if (random.chance(0.7)) {
      scene = nextScene(scene, random, stage.size);
      ink.rerender(<Stage scene={scene} />);
    }
    if (random.chance(0.4)) repaint();
    await settle();
  }
  ink.unmount();
  return result;
}

test.each([11, 12])("seed %i: every flush shows panes, dialogs and toasts where they belong", async (seed) => {
  const { flushes, wrong } = await play(seed, 200, false);
  expect(wrong[0] ?? "").toBe("");
  expect(flushes).toBeGreaterThan(120);
});

test("the same composed while Ink writes is wrong: the test sees what it is for", async () => {
  const { wrong } = await play(11, 60, true);
  expect(wrong.length).toBeGreaterThan(0);
});
