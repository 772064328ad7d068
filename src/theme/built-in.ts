import dark from "../../themes/dark.json" with { type: "json" };
import highContrast from "../../themes/high-contrast.json" with { type: "json" };
import light from "../../themes/light.json" with { type: "json" };
import sixteen from "../../themes/sixteen.json" with { type: "json" };
import { type Theme, type ThemeFile, themeOf } from "./theme.js";

// Inside the bundle, so that the first frame needs neither a file nor its check: the tests check every one.
const files = { dark, light, "high-contrast": highContrast, sixteen } as Readonly<Record<string, ThemeFile>>;

export const builtInThemes: readonly string[] = Object.keys(files);

/** One of the four that come with the package. */
export function builtInTheme(name: string): Theme | undefined {
  const file = Object.hasOwn(files, name) ? files[name] : undefined;
  return file === undefined ? undefined : themeOf(file);
}
