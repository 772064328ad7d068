/** Words of a search; more would only narrow what is narrow already. */
const maxWords = 8;
const maxWordChars = 40;

/** The words of what was typed, as the index has them: letters and digits, lower case. */
export const wordsOf = (query: string): string[] =>
  (query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, maxWords).map((word) => word.slice(0, maxWordChars));

/**
 * A question to the full-text index: of this lab and kind, every word as the beginning of one there. Words hold letters and digits
 * alone, so nothing that was typed is read as the index's own language. null: there is no word to ask for.
 */
export function matchOf(query: string, labId: string, kind: string): string | null {
  const words = wordsOf(query);
  if (words.length === 0) return null;
  return [`lab:"${labId}"`, `kind:"${kind}"`, ...words.map((word) => `words:"${word}"*`)].join(" AND ");
}
