import { eastAsianWidth } from "get-east-asian-width";

/** How a UTF-16 unit may be treated without looking at its neighbours. */
export const glyphKind = { narrow: 1, wide: 2, joining: 3 } as const;

const joining =
  /[\p{M}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Grapheme_Extend}\p{Emoji_Presentation}\u0e33\u0eb3\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Mn}\p{Me}]/u;
const spacingMark = /[\p{Mc}\uff00-\uffef]/u;
/** Sequences that count two columns whatever their first code point counts; `\p{RGI_Emoji}` takes 0.1 s to compile. */
const emojiSequence =
  /^(?:\p{Extended_Pictographic}\ufe0f|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\p{RI}\p{RI}|[\d#*]\ufe0f?\u20e3$)|\p{Extended_Pictographic}[^\p{Extended_Pictographic}]*\u200d\p{Extended_Pictographic}/u;
/** Joiner, presentation selector and skin tone: terminals disagree on what these do to the width. */
const disputed = /[\u200d\ufe0e\ufe0f\u20e3\u{1f3fb}-\u{1f3ff}]/u;
/** Made when first needed: it takes tens of milliseconds, and most screens need none. */
const segmenters: (Intl.Segmenter | undefined)[] = [];
const kinds = new Uint8Array(0x1_0000);
/** Latin, Greek, Cyrillic; punctuation, arrows and mathematics; Enter; boxes, blocks and shapes; marks; braille. */
const plainRanges = [
  [0x20, 0x7e],
  [0xa1, 0xac],
  [0xae, 0x2ff],
  [0x391, 0x482],
  [0x2010, 0x2027],
  [0x2190, 0x2319],
  [0x23ce, 0x23ce],
  [0x2500, 0x25fc],
  [0x270c, 0x2727],
  [0x2800, 0x28ff],
] as const;
for (const [first, last] of plainRanges) kinds.fill(glyphKind.narrow, first, last + 1);

/**
 * Kind of one UTF-16 unit. Two neighbours that are both narrow or wide never form one glyph, so text made of them
 * needs no segmentation; `joining` units (marks, controls, emoji, surrogates) do.
 */
export function unitKind(unit: number): number {
  const known = kinds[unit] ?? 0;
  if (known !== 0) return known;
  const kind = joining.test(String.fromCharCode(unit)) ? glyphKind.joining : eastAsianWidth(unit);
  kinds[unit] = kind;
  return kind;
}

/** What a grapheme cluster becomes on the grid: a glyph of one or two columns, then blanks. No glyph: it is dropped. */
export interface LaidCluster {
  readonly glyph: string;
  readonly columns: 0 | 1 | 2;
  readonly blanks: number;
}

const dropped: LaidCluster = { glyph: "", columns: 0, blanks: 0 };

/**
 * Lays a cluster out in the columns Ink reserves for it. Where terminals disagree about the width (joined emoji,
 * presentation selectors, skin tones) only the base is drawn, so that no terminal can shift the rest of the row.
 */
export function layCluster(cluster: string): LaidCluster {
  const points = Array.from(cluster, (character) => character.codePointAt(0) ?? 0).filter(isVisible);
  const [base] = points;
  if (base === undefined) return dropped;
  const wanted = clusterColumns(cluster, points);
  const drawn = points.reduce((sum, point) => sum + (isJoinedJamo(point) ? 0 : eastAsianWidth(point)), 0);
  if (drawn === wanted && wanted <= 2 && !disputed.test(cluster)) {
    return { glyph: cluster, columns: wanted === 2 ? 2 : 1, blanks: 0 };
  }
  const columns = Math.min(eastAsianWidth(base), wanted) === 2 ? 2 : 1;
  return { glyph: String.fromCodePoint(base), columns, blanks: Math.max(0, wanted - columns) };
}

const isVisible = (point: number) => !invisible.test(String.fromCodePoint(point));
/** Vowels and finals of Hangul: terminals draw them into the letter before. */
const isJoinedJamo = (point: number) => (point >= 0x1160 && point <= 0x11ff) || (point >= 0xd7b0 && point <= 0xd7ff);
const isLeadingJamo = (point: number) => (point >= 0x1100 && point < 0x1160) || (point >= 0xa960 && point <= 0xa97c);

function clusterColumns(cluster: string, points: readonly number[]): number {
  if (cluster.length <= 50 && emojiSequence.test(cluster)) return 2;
  const [base = 0] = points;
  if (isLeadingJamo(base) || isJoinedJamo(base)) return jamoColumns(points);
  let columns = eastAsianWidth(base);
  for (const point of points.slice(1)) {
    if (spacingMark.test(String.fromCodePoint(point))) columns += eastAsianWidth(point);
  }
  return columns;
}

/** A leading letter with its vowel and final is one syllable of two columns; letters on their own count each. */
function jamoColumns(points: readonly number[]): number {
  let columns = 0;
  let isOpen = false;
  for (const point of points) {
    if (isJoinedJamo(point) && isOpen) continue;
    isOpen = isLeadingJamo(point);
    columns += eastAsianWidth(point);
  }
  return columns;
}

/** Grapheme clusters of `text`. */
export function clusters(text: string): string[] {
  const segmenter = (segmenters[0] ??= new Intl.Segmenter());
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** End of the stretch from `start` that must be segmented: up to where three plain units in a row show it is over. */
export function joinedEnd(text: string, start: number): number {
  const plain = (at: number) => at >= text.length || unitKind(text.charCodeAt(at)) !== glyphKind.joining;
  for (let end = start + 1; end < text.length; end++) {
    if (isControl(text.charCodeAt(end))) return end;
    if (plain(end - 1) && plain(end) && plain(end + 1)) return end;
  }
  return text.length;
}

/** C0, DEL or C1. */
export function isControl(unit: number): boolean {
  return unit < 0x20 || (unit >= 0x7f && unit < 0xa0);
}

/** Columns that plain text (without escape sequences) takes on the grid. */
export function textWidth(text: string): number {
  let columns = 0;
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at);
    const next = at + 1 < text.length ? unitKind(text.charCodeAt(at + 1)) : glyphKind.narrow;
    const kind = unitKind(unit);
    if (kind !== glyphKind.joining && next !== glyphKind.joining) {
      columns += kind;
      at++;
      continue;
    }
    const end = joinedEnd(text, at);
    for (const cluster of clusters(text.slice(at, end))) {
      const laid = layCluster(cluster);
      columns += laid.columns + laid.blanks;
    }
    at = end;
  }
  return columns;
}

/** Plain text cut with `…` or padded with blanks to exactly `width` columns. */
export function fitText(text: string, width: number): string {
  if (width <= 0) return "";
  const columns = textWidth(text);
  if (columns <= width) return text + " ".repeat(width - columns);
  let kept = "";
  let used = 0;
  for (const cluster of clusters(text)) {
    const more = textWidth(cluster);
    if (used + more > width - 1) break;
    kept += cluster;
    used += more;
  }
  return `${kept}…${" ".repeat(width - 1 - used)}`;
}
