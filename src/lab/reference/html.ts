/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => names[character] ?? character);

type Part = string | number | Html | null | readonly (Html | null)[];

const partText = (part: Part): string => {
  if (part === null) return "";
  if (typeof part === "object" && "html" in part) return part.html;
  return typeof part === "object" ? part.map((one) => one?.html ?? "").join("") : escaped(String(part));
};

/** A template of HTML: what is put in is escaped, unless it is Html itself. null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.reduce((text, piece, index) => `${text}${partText(parts[index - 1] ?? null)}${piece}`) };
}

/** For what is no text of ours to escape: style and script. */
export const raw = (text: string): Html => ({ html: text });

/** Words in which what stands between backticks is code. */
export const prose = (text: string): Html =>
  raw(escaped(text).replaceAll(/`([^`]+)`/g, (_, code: string) => `<code>${code}</code>`));
