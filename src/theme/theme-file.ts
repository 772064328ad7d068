import { z } from "zod";
import { type Failure, FailureError } from "../core/failure.js";
import { type Theme, type ThemeFile, themeOf } from "./theme.js";
import { tones } from "./tones.js";

const Colour = z.string().regex(/^#[\da-f]{6}$|^ansi:(\d|1[0-5])$/i, "is no colour: write #rrggbb or ansi:0 … ansi:15");

const StyleSchema = z.strictObject({
  fg: z.string().optional(),
  bg: z.string().optional(),
  bold: z.boolean().optional(),
  dim: z.boolean().optional(),
  underline: z.boolean().optional(),
  inverse: z.boolean().optional(),
});

const ThemeSchema: z.ZodType<ThemeFile> = z.object({
  name: z.string().min(1),
  appearance: z.enum(["dark", "light", "any"]),
  palette: z.record(z.string(), Colour),
  tones: z.record(z.enum(tones), StyleSchema),
});

/** Checks a parsed theme file. Throws FailureError that names the field; `source` is the file, for the message. */
export function loadTheme(json: unknown, source = "theme"): Theme {
  const parsed = ThemeSchema.safeParse(json);
  if (!parsed.success) throw new FailureError(unreadable(source, parsed.error));
  const { palette, tones: styles } = parsed.data;
  for (const tone of tones) {
    const { fg, bg } = styles[tone];
    const missing = [fg, bg].find((colour) => colour !== undefined && palette[colour] === undefined);
    if (missing === undefined) continue;
    const hint = `Known are: ${Object.keys(palette).join(", ")}.`;
    throw new FailureError({
      kind: "invalid",
      message: `${source}: ${tone} names no palette colour: ${missing}`,
      hint,
    });
  }
  return themeOf(parsed.data);
}

function unreadable(source: string, error: z.ZodError): Failure {
  const issues = error.issues.slice(0, 3).map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
  return { kind: "invalid", message: `${source}: ${issues.join("; ")}`, hint: "Copy themes/dark.json and change it." };
}
