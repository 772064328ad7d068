import { describe, expect, it } from "vitest";
import { textWidth } from "../../src/terminal/glyph-width.js";
import { barRow } from "../../src/ui/paint/bar.js";
import { clip, fit, printable, row, take, wrapWords } from "../../src/ui/paint/columns.js";
import { createLook, glyph, staleLook } from "../../src/ui/paint/look.js";
import { noticeRows } from "../../src/ui/paint/notice.js";
import { count, percent, shortCount, significant, timeOfDay } from "../../src/ui/paint/number-format.js";
import { linearScale, logScale, plotRows } from "../../src/ui/paint/plot.js";
import { progressBar } from "../../src/ui/paint/progress-bar.js";
import { resample, sparkline } from "../../src/ui/paint/sparkline.js";
import { type Column, placeColumns } from "../../src/ui/paint/table.js";
import type { Look } from "../../src/ui/panes/pane.js";
import { lookOf } from "./room.js";

const bare: Look = { paint: (_, text) => text, charts: "braille", unicode: true };
const joined = (pieces: readonly (readonly [string, string])[]) => pieces.map(([, text]) => text).join("");

describe("columns", () => {
  it("cuts and pads by columns, whatever the glyphs", () => {
    const texts = [
      "",
      "plain",
      "宇宙の大規模構造",
      "é combining e\u0301e\u0301",
      "👩‍🚀 astronaut",
      "a\tb",
      "x".repeat(300),
      "🛰 map",
      "\x1b[31mred",
    ];
    for (const text of texts) {
      for (let width = 0; width < 24; width++) {
        expect(textWidth(fit(text, width)), `${text} at ${width}`).toBe(width);
        expect(textWidth(fit(text, width, "right"))).toBe(width);
        expect(textWidth(take(printable(text), width))).toBeLessThanOrEqual(width);
        expect(
          textWidth(
            row(bare.paint, width, [
              ["stale", printable(text)],
              ["key", "end"],
            ]),
          ),
        ).toBe(width);
        expect(
          textWidth(
            joined(
              clip(
                [
                  ["stale", printable(text)],
                  ["key", "end"],
                ],
                width,
              ),
            ),
          ),
        ).toBeLessThanOrEqual(width);
      }
    }
    expect(fit("宇宙の大", 6)).toBe("宇宙… ");
    expect(fit("12", 5, "right")).toBe("   12");
  });

  it("looks at no more of ten megabytes than it shows", () => {
    const long = "宇宙 ".repeat(3_000_000);
    const start = performance.now();
    expect(textWidth(fit(long, 100))).toBe(100);
    expect(textWidth(take(long, 100))).toBeLessThanOrEqual(100);
    expect(performance.now() - start).toBeLessThan(100);
  });

  it("lets no control through", () => {
    expect(printable("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1b[1mb\x1b[0m\x07\r\n\x9bc")).toBe("alink bc");
    expect(printable("a\tb")).toBe("a       b");
  });

  it("wraps sentences at words", () => {
    expect(wrapWords("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapWords("abcdefghij", 5)).toEqual(["abcd…"]);
    expect(wrapWords("", 5)).toEqual([]);
  });
});

describe("numbers", () => {
  it("never shows an unknown as zero", () => {
    expect([shortCount(null), percent(null), significant(null), percent(Number.NaN)]).toEqual(["–", "–", "–", "–"]);
    expect([shortCount(0), percent(0), significant(0)]).toEqual(["0", "0%", "0"]);
  });

  it("stays short and keeps the digits that matter", () => {
    expect([count(12431), count(-1234567), shortCount(12431), shortCount(999_999), shortCount(3_100_000)]).toEqual([
      "12,431",
      "-1,234,567",
      "12.4k",
      "1.0M",
      "3.1M",
    ]);
    expect([significant(0.031234, 2), significant(12.44, 2), significant(3.1e-7, 3), significant(Number.NaN)]).toEqual([
      "0.031",
      "12",
      "3.1e-7",
      "nan",
    ]);
    expect([significant(0.01, 2), significant(Infinity), significant(123456, 3)]).toEqual(["0.010", "inf", "123456"]);
    expect(timeOfDay(Date.UTC(2026, 0, 1, 9, 5, 7), 8)).toBe("09:05:07");
    expect(timeOfDay(Date.UTC(2026, 0, 1, 9, 5, 7), 5)).toBe("09:05");
  });
});

describe("sparkline", () => {
  it("draws zero as the lowest bar and unknown as a blank", () => {
    expect(joined(sparkline([null, 0, 50, 100], 100, 6, bare))).toBe("   ▁▅█");
    expect(joined(sparkline([0, 100], 100, 2, { charts: "ascii" }))).toBe(".@");
    expect(
      joined(
        sparkline(
          Array.from({ length: 50 }, () => 1),
          1,
          3,
          bare,
        ),
      ),
    ).toBe("███");
  });

  it("averages samples into equal slices up to now", () => {
    const samples = [
      { at: 1, value: 5 },
      { at: 60, value: 10 },
      { at: 90, value: 20 },
      { at: 100, value: null },
    ];
    expect(resample(samples, { untilMs: 100, spanMs: 100, count: 4 })).toEqual([5, null, 10, 20]);
    expect(resample([], { untilMs: 100, spanMs: 100, count: 2 })).toEqual([null, null]);
  });
});

describe("plot", () => {
  const points = [0, 0.25, 0.5, 0.75, 1].map((x) => ({ x, y: 10 ** (1 - 3 * x) }));
  const plot = {
    points,
    scale: logScale(
      points.map(({ y }) => y),
      0.01,
    ),
    target: 0.01,
    width: 26,
    height: 7,
  };
  const text = (look: Pick<Look, "charts" | "unicode">) => plotRows(plot, look).map(joined);

  it("falls from the upper left to the target at the lower right, in every alphabet", () => {
    for (const charts of ["braille", "block", "ascii"] as const) {
      const rows = text({ charts, unicode: charts !== "ascii" });
      expect(rows.map(textWidth)).toEqual(Array.from({ length: 7 }, () => 26));
      expect(rows[0]!.slice(6, 12).trim(), charts).not.toBe("");
      expect(rows[0]!.slice(14).trim(), charts).toBe("");
      expect(rows[0]).toMatch(/^ {2}10 /);
      expect(
        rows.some((line) => / \.01 /.test(line)),
        charts,
      ).toBe(true);
      expect(rows.at(-1)!.slice(6, 12), charts).toMatch(/^[┈-]+$/);
    }
  });

  it("survives nothing, one point, no height and numbers that are none", () => {
    const scale = logScale([], null);
    for (const charts of ["braille", "block", "ascii"] as const) {
      const look = { charts, unicode: true };
      expect(
        plotRows({ points: [], scale, target: null, width: 10, height: 3 }, look).map(joined).map(textWidth),
      ).toEqual([10, 10, 10]);
      expect(plotRows({ points: [{ x: 1, y: 2 }], scale, target: 0.1, width: 3, height: 1 }, look)).toHaveLength(1);
      expect(plotRows({ points: [{ x: 0, y: 0 }], scale, target: null, width: 9, height: 0 }, look)).toEqual([]);
    }
    expect(logScale([Number.NaN, 0, -1, Infinity], 0).high).toBeGreaterThan(logScale([Number.NaN], 0).low);
    const flat = linearScale([2, 2, 2], String);
    expect(flat.high).toBeGreaterThan(flat.low);
  });
});

describe("table", () => {
  const columns: readonly Column<string>[] = [
    { id: "a", heading: "A", rank: 0, width: 5 },
    { id: "b", heading: "B", rank: 2, width: 5 },
    { id: "c", heading: "C", rank: 1, width: 5, grow: { share: 1, most: 20 } },
  ];
  const placed = (width: number) =>
    placeColumns(columns, width)
      .map(({ id, placed: columnsOf, gap }) => `${id}${columnsOf}${"_".repeat(gap)}`)
      .join("");

  it("drops the highest rank first and gives the rest to those that grow", () => {
    expect(placed(17)).toBe("a5_b5_c5");
    expect(placed(30)).toBe("a5_b5_c18");
    expect(placed(79)).toBe("a5_b5_c20");
    expect(placed(80)).toBe("a5__b5__c20");
    expect(placed(15)).toBe("a5_c9");
    expect(placed(8)).toBe("a5");
    expect(placed(1)).toBe("a5");
  });
});

describe("bar, notice and progress", () => {
  it("leaves out by rank and always fills the row", () => {
    const part = (text: string, rank: number) => ({ pieces: [["key", text]] as const, rank });
    const at = (width: number) => barRow(bare.paint, width, [part("room", 2)], [part("link", 0), part("money", 1)]);
    expect(at(30)).toBe(" room            link   money ");
    expect(at(18)).toBe(" link       money ");
    expect(at(12)).toBe(" link       ");
    expect(at(3)).toHaveLength(3);
  });

  it("keeps the block's lines aligned and inside", () => {
    const rows = noticeRows(
      [["text.strong", "Title"], "", { key: "n", does: "a sentence that is wrapped", keyColumns: 4 }],
      { width: 24, height: 8 },
      bare,
    );
    expect(rows.every((line) => textWidth(line) <= 24)).toBe(true);
    expect(rows.join("\n")).toMatch(/n {3}a sentence that.*\n {6}is wrapped/);
  });

  it("fills a bar in half steps", () => {
    expect([0, 0.25, 0.5, 1, 7].map((share) => joined(progressBar(share, 4, bare)))).toEqual([
      "────",
      "━───",
      "━━──",
      "━━━━",
      "━━━━",
    ]);
    expect(joined(progressBar(0.125, 4, bare))).toBe("╸───");
  });
});

describe("look", () => {
  it("has only glyphs that are one column wide and no emoji", () => {
    for (const name of [
      "cursor",
      "mark",
      "bookmark",
      "queued",
      "running",
      "pass",
      "fail",
      "blocked",
      "stopped",
      "terminated",
    ] as const) {
      const mark = glyph(name, { unicode: true });
      expect(textWidth(mark)).toBe(1);
      expect(mark).not.toMatch(/\p{Emoji_Presentation}/u);
      expect(glyph(name, { unicode: false })).toMatch(/^[\x20-\x7e]$/);
    }
  });

  it("folds to ASCII of the same width where the locale is not UTF-8", () => {
    const { paint } = createLook({ ...bare, unicode: false });
    expect(paint("key", "a … b · – 宇")).toBe("a ~ b | - ??");
  });

  it("fades news but neither frame nor cursor", () => {
    const dark = lookOf("dark");
    const stale = staleLook(dark);
    expect(staleLook(dark)).toBe(stale);
    expect(stale.paint("status.fail", "x")).toBe(dark.paint("stale", "x"));
    expect(stale.paint("border.focus", "x")).toBe(dark.paint("border.focus", "x"));
  });
});
