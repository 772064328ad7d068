import { describe, expect, test } from "vitest";
import { commands } from "../../src/app/commands/index.js";
import { buildKeymap } from "../../src/app/keymap.js";
import { createAppStore } from "../../src/app/store.js";
import { Compositor } from "../../src/terminal/compositor.js";
import { systemTimers } from "../../src/terminal/timers.js";
import { startPainter } from "../../src/ui/painter.js";
import { panes } from "../../src/ui/panes/index.js";
import { busyRoom, experiment, lookOf, pod, stripSgr } from "./room.js";

const look = lookOf("dark");
const many = (count: number) => Array.from({ length: count }, (_, index) => experiment(index + 1));

describe("the cursor's row", () => {
  test.each([
    [1, 30, ""],
    [3, 4, ""],
    [40, 12, ""],
    [40, 12, "experiment"],
    [100, 9, "title:experiment"],
  ])("of %i experiments in %i rows, filter %j, is where the pane draws the cursor", (count, height, filter) => {
    const size = { width: 90, height };
    const base = busyRoom(200, 50);
    for (const selected of new Set([1, Math.ceil(count / 2), count])) {
      const state = {
        ...base,
        experiments: { ...base.experiments, live: many(count), bookmarks: [], filter, selectedId: `exp${selected}` },
      };
      const row = panes.queue.cursorRow?.(state, size) ?? -1;
      expect(stripSgr(panes.queue.rows(state, size, look)[row] ?? "")).toContain("▸");
    }
  });

  test("of pods, with and without a filter", () => {
    const size = { width: 150, height: 7 };
    const base = busyRoom(200, 50);
    const rows = Array.from({ length: 12 }, (_, index) => pod(index + 1));
    for (const filter of ["", "pod"]) {
      for (const selectedId of ["pod1", "pod6", "pod12"]) {
        const state = { ...base, pods: { ...base.pods, rows, selectedId, filter } };
        const row = panes.pods.cursorRow?.(state, size) ?? -1;
        expect(stripSgr(panes.pods.rows(state, size, look)[row] ?? "")).toContain("▸");
      }
    }
  });

  test("is none in an empty list", () => {
    const { experiments, pods, ...base } = busyRoom(200, 50);
    const state = {
      ...base,
      experiments: { ...experiments, live: [], selectedId: null },
      pods: { ...pods, rows: [], selectedId: null },
    };
    expect(panes.queue.cursorRow?.(state, { width: 90, height: 20 })).toBeNull();
    expect(panes.pods.cursorRow?.(state, { width: 90, height: 20 })).toBeNull();
  });
});

test("while the terminal has not answered a frame, data waits and the answer to a key does not", async () => {
  const frames: string[] = [];
  const screen = new Compositor({
    size: { columns: 200, rows: 50 },
    depth: "truecolor",
    sink: { write: (frame) => frames.push(frame) > 0 },
    timers: systemTimers,
  });
  const built = buildKeymap(commands, { overrides: {}, readOnly: false });
  if (!built.ok) throw new Error(built.problems.join());
  const state = busyRoom(200, 50);
  const store = createAppStore(state);
  const painter = startPainter({ screen, store, keymap: built.keymap, look });
  const drawn = () => new Promise((resolve) => setImmediate(resolve));
  screen.resume({ forget: false });
  screen.answered();
  // From now on a frame is on its way that nobody answers.
  store.dispatch({
    type: "pods/received",
    rows: state.pods.rows.map((row) => ({ ...row, name: `${row.name}-renamed` })),
  });
  await drawn();
  frames.length = 0;

  store.dispatch({ type: "pods/received", rows: state.pods.rows });
  await drawn();
  expect(frames).toEqual([]);

  store.dispatch({ type: "experiments/selected", id: "exp55" });
  await drawn();
  expect(frames.join("")).toContain("▸");
  expect(frames.join("")).not.toContain("chain-a");
  painter.stop();
});
