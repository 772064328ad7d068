import { describe, expect, it } from "vitest";
import { paneIds } from "../../src/app/slices/view.js";
import { arrange, type Layout, type Rect } from "../../src/ui/layout.js";

const rects = (layout: Layout): Rect[] =>
  [layout.header, layout.footer, layout.strip, ...Object.values(layout.panes)].filter((rect) => rect !== null);
const at = (columns: number, rows: number, focus: (typeof paneIds)[number] = "queue", zoomed = false) =>
  arrange({ columns, rows, focus, zoomed });

const inside = ({ x, y, width, height }: Rect, columns: number, rows: number) =>
  x >= 0 && y >= 0 && width >= 0 && height >= 0 && x + width <= columns && y + height <= rows;
const apart = (a: Rect, b: Rect) =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

/** The first thing wrong with a layout: outside the screen, overlapping, or cells that belong to nobody. */
function fault(layout: Layout, columns: number, rows: number): string | null {
  const all = rects(layout);
  for (const [index, rect] of all.entries()) {
    if (!inside(rect, columns, rows)) return `outside: ${JSON.stringify(rect)}`;
    const other = all.slice(index + 1).find((one) => !apart(rect, one));
    if (other !== undefined) return `overlap: ${JSON.stringify([rect, other])}`;
  }
  const area = all.reduce((sum, { width, height }) => sum + width * height, 0);
  return area === columns * rows ? null : `${columns * rows - area} cells belong to nobody`;
}

describe("arrange", () => {
  it("tiles every screen from 1×1 to 220×70 without overlap or hole", () => {
    for (let columns = 1; columns <= 220; columns++) {
      for (let rows = 1; rows <= 70; rows++) {
        for (const focus of paneIds) {
          for (const zoomed of [false, true]) {
            const problem = fault(at(columns, rows, focus, zoomed), columns, rows);
            if (problem !== null) throw new Error(`${columns}×${rows} ${focus} ${String(zoomed)}: ${problem}`);
          }
        }
      }
    }
    expect(fault(at(500, 200), 500, 200)).toBeNull();
    expect(fault(at(0, 0), 0, 0)).toBeNull();
  });

  it("always shows the focused pane, alone when zoomed", () => {
    for (const [columns, rows] of [
      [80, 24],
      [120, 36],
      [60, 16],
      [150, 20],
      [80, 60],
    ] as const) {
      for (const focus of paneIds) {
        expect(Object.keys(at(columns, rows, focus).panes)).toContain(focus);
        expect(Object.keys(at(columns, rows, focus, true).panes)).toEqual([focus]);
      }
    }
  });

  it("shows all four from 110×28 on, one or two below, totals below 60×16", () => {
    expect(at(110, 28).kind).toBe("wide");
    expect(Object.keys(at(110, 28).panes)).toHaveLength(4);
    expect(at(109, 28).kind).toBe("compact");
    expect(Object.keys(at(109, 28).panes)).toEqual(["queue"]);
    expect(Object.keys(at(150, 20, "pods").panes)).toEqual(["queue", "pods"]);
    expect(Object.keys(at(80, 50, "queue").panes)).toEqual(["queue", "log"]);
    expect(at(59, 30).kind).toBe("tiny");
    expect(at(60, 15).kind).toBe("tiny");
    expect(at(60, 16).kind).toBe("compact");
  });

  it("gives the log the most room on a wide screen", () => {
    for (const [columns, rows] of [
      [120, 36],
      [200, 50],
      [400, 120],
    ] as const) {
      const { queue, log, chain, pods } = at(columns, rows).panes;
      expect(log!.width).toBeGreaterThan(queue!.width);
      expect(log!.width * log!.height).toBeGreaterThan(columns * rows * 0.35);
      expect(chain!.height).toBeGreaterThanOrEqual(8);
      expect(pods!.width).toBe(columns);
    }
  });
});
