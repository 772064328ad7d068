/** How many colours the terminal may be sent. `none` keeps bold, dim, inverse and underline. */
export type ColourDepth = "truecolor" | "256" | "16" | "none";

type Env = Readonly<Record<string, string | undefined>>;

/** The depth to draw in: what the person asked for, then NO_COLOR and FORCE_COLOR, then what the terminal claims. */
export function colourDepth(env: Env, asked?: ColourDepth): ColourDepth {
  if (asked !== undefined) return asked;
  if ((env["NO_COLOR"] ?? "") !== "") return "none";
  return forced(env["FORCE_COLOR"]) ?? claimed(env);
}

function forced(value: string | undefined): ColourDepth | undefined {
  switch (value) {
    case "0":
    case "false":
      return "none";
    case "1":
      return "16";
    case "2":
      return "256";
    case "3":
      return "truecolor";
    default:
      return undefined;
  }
}

function claimed(env: Env): ColourDepth {
  const term = (env["TERM"] ?? "").toLowerCase();
  if (/^(dumb|vt100|vt220)$|-m(ono)?$/.test(term)) return "none";
  if (/^(truecolor|24bit)$/i.test(env["COLORTERM"] ?? "") || env["WT_SESSION"] !== undefined) return "truecolor";
  if (/-direct$|^(xterm-kitty|xterm-ghostty|alacritty|wezterm|foot)/.test(term)) return "truecolor";
  return term.includes("256") || env["TERM_PROGRAM"] === "Apple_Terminal" ? "256" : "16";
}
