import type { Config } from "../config/config.js";
import { paintWith, type Theme } from "../theme/theme.js";
import { createLook } from "../ui/paint/look.js";
import type { Look } from "../ui/panes/pane.js";

type Env = Readonly<Record<string, string | undefined>>;

/** Whether the locale is UTF-8; `TERM=linux` has no braille and few box glyphs whatever the locale says. */
export function isUnicode(env: Env): boolean {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value !== undefined && value !== "");
  return env["TERM"] !== "dumb" && /utf-?8/i.test(locale ?? "");
}

export function lookOf(theme: Theme, charts: Config["charts"], env: Env): Look {
  return createLook({
    paint: paintWith(theme),
    charts: charts === "braille" && env["TERM"] === "linux" ? "block" : charts,
    unicode: isUnicode(env),
  });
}
