import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FailureError } from "../../src/core/failure.js";
import { builtInTheme, builtInThemes } from "../../src/theme/built-in.js";
import { chooseTheme, paintWith, plainTheme, type ThemeFile } from "../../src/theme/theme.js";
import { loadTheme } from "../../src/theme/theme-file.js";
import { type Tone, tones } from "../../src/theme/tones.js";

const folder = new URL("../../themes/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), "utf8"));
const fileOf = (name: string) => read(`${name}.json`) as ThemeFile;

const channel = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => channel(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

const grounds = { dark: "#0d1117", "high-contrast": "#0d1117", light: "#ffffff" } as const;
/** Where 3:1 is enough: lines and marks, not words. */
const graphic = new Set<Tone>(["border.idle", "border.focus", "chart.axis", "spark.low", "spark.middle", "stale"]);

describe("the themes", () => {
  it("are the four, named like their files", () => {
    expect(files.sort()).toEqual(["dark.json", "high-contrast.json", "light.json", "sixteen.json"]);
    for (const file of files) expect(`${loadTheme(read(file), file).name}.json`).toBe(file);
  });

  it("are all in the bundle, unchecked but the same", () => {
    expect(builtInThemes.map((name) => `${name}.json`).sort()).toEqual(files);
    for (const name of builtInThemes) expect(builtInTheme(name)).toEqual(loadTheme(read(`${name}.json`)));
    expect(builtInTheme("toString")).toBeUndefined();
  });

  for (const [name, ground] of Object.entries(grounds)) {
    it(`${name}: every tone can be read, also on the selected row`, () => {
      const theme = fileOf(name);
      const selected = theme.palette[theme.tones["row.selected"].bg!]!;
      const weak: string[] = [];
      for (const tone of tones) {
        const { fg, bg } = theme.tones[tone];
        if (fg === undefined) continue;
        const least = graphic.has(tone) ? 3 : 4.5;
        const under = bg === undefined ? ground : theme.palette[bg]!;
        const ratio = contrast(theme.palette[fg]!, under);
        if (ratio < least) weak.push(`${tone} ${ratio.toFixed(2)}`);
        const onRow = contrast(theme.palette[fg]!, selected);
        if (bg === undefined && !graphic.has(tone) && onRow < 3)
          weak.push(`${tone} on row.selected ${onRow.toFixed(2)}`);
      }
      expect(weak).toEqual([]);
    });
  }

  it("high-contrast tells good from bad by blue and orange, with a bright difference", () => {
    const { palette, tones: styles } = fileOf("high-contrast");
    const hex = (tone: Tone) => palette[styles[tone].fg!]!;
    const blueness = (colour: string) => Number.parseInt(colour.slice(5), 16) - Number.parseInt(colour.slice(1, 3), 16);
    expect(blueness(hex("status.pass"))).toBeGreaterThan(100);
    expect(blueness(hex("status.fail"))).toBeLessThan(-100);
    expect(styles["status.fail"].underline).toBe(true);
  });

  it("sixteen uses nothing but the terminal's own colours", () => {
    expect(Object.values(fileOf("sixteen").palette).every((colour) => colour.startsWith("ansi:"))).toBe(true);
  });
});

describe("loadTheme", () => {
  const dark = () => structuredClone(read("dark.json")) as ThemeFile;

  it("turns palette colours and ansi numbers into SGR", () => {
    const theme = loadTheme({
      ...dark(),
      palette: { ...dark().palette, red: "#010203", blue: "ansi:4", cyan: "ansi:12" },
      tones: { ...dark().tones, stale: { fg: "red", bold: true }, key: { fg: "blue", bg: "cyan", underline: true } },
    });
    expect(theme.prefixes.stale).toBe("\x1b[1;38;2;1;2;3m");
    expect(theme.prefixes.key).toBe("\x1b[4;34;104m");
    expect(theme.prefixes["text.primary"]).toBe("");
  });

  const refusal = (change: (file: ThemeFile) => void): string => {
    const file = dark();
    change(file);
    try {
      loadTheme(file, "mine.json");
    } catch (error) {
      if (error instanceof FailureError) return `${error.failure.message} · ${error.failure.hint ?? ""}`;
    }
    return "accepted";
  };

  it("names the file, the field and what is wrong", () => {
    expect(refusal((file) => (file.palette["red"] = "crimson"))).toMatch(/^mine\.json: palette\.red: is no colour/);
    expect(refusal((file) => (file.tones.stale = { fg: "mauve" }))).toMatch(
      /stale names no palette colour: mauve · Known are: .*red/,
    );
    expect(refusal((file) => delete (file.tones as Partial<ThemeFile["tones"]>).money)).toMatch(/tones\.money/);
    expect(refusal((file) => (file.tones.key = { colour: "red" } as never))).toMatch(/tones\.key/);
  });

  it("keeps fields it does not know", () => {
    expect(loadTheme({ ...dark(), author: "somebody" }).name).toBe("dark");
  });
});

describe("paint", () => {
  const paint = paintWith(loadTheme(read("dark.json")));

  it("goes on with the outer tone where the inner one ends", () => {
    const row = paint("row.selected", `a${paint("status.fail", "b")}c`);
    const background = "\x1b[48;2;31;49;71m";
    expect(row).toBe(`${background}a\x1b[1;38;2;255;123;114mb\x1b[0m${background}c\x1b[0m`);
  });

  it("leaves text without a tone of its own untouched", () => {
    expect(paint("text.primary", "a")).toBe("a");
    expect(paint("status.fail", "")).toBe("");
  });

  it("without colours says what matters by attribute alone", () => {
    const plain = paintWith(plainTheme);
    const painted = tones.map((tone) => plain(tone, "x")).join("");
    expect(painted).not.toMatch(/\x1b\[[\d;]*(3|4|9|10)\d/);
    expect(plain("row.selected", "x")).toBe("\x1b[7mx\x1b[0m");
    for (const tone of ["status.fail", "level.error", "link.lost", "title.focus"] as const) {
      expect(plain(tone, "x")).not.toBe("x");
    }
  });
});

describe("chooseTheme", () => {
  it("takes the flag, then the config, then what fits the terminal", () => {
    const terminal = { background: "light", depth: "truecolor" } as const;
    expect(chooseTheme({ ...terminal, flag: "dark", config: "high-contrast" })).toBe("dark");
    expect(chooseTheme({ ...terminal, config: "high-contrast" })).toBe("high-contrast");
    expect(chooseTheme({ ...terminal, config: "auto" })).toBe("light");
    expect(chooseTheme({ ...terminal, background: null })).toBe("dark");
    expect(chooseTheme({ ...terminal, depth: "16" })).toBe("sixteen");
    expect(chooseTheme({ ...terminal, flag: "dark", depth: "none" })).toBe("none");
  });
});
