import fuzzysort from "fuzzysort";
import type { Piece } from "../paint/columns.js";

/** More than anyone reads; whoever wants another one types on. */
export const mostFound = 200;
const best = { limit: mostFound, threshold: 0.3 } as const;

/** Items whose text a query matches loosely, best first; all, in their order, for an empty query. */
export function search<T>(query: string, items: readonly T[], textOf: (item: T) => string): readonly T[] {
  const wanted = query.trim();
  if (wanted === "") return items;
  return fuzzysort.go(wanted, items, { ...best, keys: [textOf] }).map((result) => result.obj);
}

/** The text with what the query matches in it in a tone of its own. */
export function marked(query: string, text: string): readonly Piece[] {
  const found = query.trim() === "" ? null : fuzzysort.single(query.trim(), text);
  if (found === null) return [["text.primary", text]];
  const hits = new Set(found.indexes);
  const pieces: [Piece[0], string][] = [];
  for (let at = 0; at < text.length; at++) {
    const tone = hits.has(at) ? "text.accent" : "text.primary";
    const last = pieces.at(-1);
    if (last?.[0] === tone) last[1] += text[at] ?? "";
    else pieces.push([tone, text[at] ?? ""]);
  }
  return pieces;
}
