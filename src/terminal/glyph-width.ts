import { eastAsianWidth } from "get-east-asian-width";

/** How a UTF-16 unit may be treated without looking at its neighbours. */
export const glyphKind = { narrow: 1, wide: 2, joining: 3 } as const;

const joining =
  /[\p{M}\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Grapheme_Extend}\p{Emoji_Presentation}\u0e33\u0eb3\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;
const zeroWidth = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/u;
const spacingMark = /[\p{Mc}\uff00-\uffef]/u;
const emojiSequence = new RegExp("^\\p{RGI_Emoji}$", "v");
const unqualifiedEmoji =
  /^[\d#*]\u20e3$|\p{Extended_Pictographic}[^\p{Extended_Pictographic}]*\u200d\p{Extended_Pictographic}/u;
/** Joiner, presentation selector and skin tone: terminals disagree on what these do to the width. */
const disputed = /[\u200d\ufe0e\ufe0f\u20e3\u{1f3fb}-\u{1f3ff}]/u;
const segmenter = new Intl.Segmenter();
const kinds = new Uint8Array(0x1_0000);

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
  const points = Array.from(cluster, (character) => character.codePointAt(0) ?? 0);
  const base = points.find((point) => pointColumns(point) > 0);
  if (base === undefined) return dropped;
  const wanted = clusterColumns(cluster, points);
  const drawn = points.reduce((sum, point) => sum + pointColumns(point), 0);
  if (drawn === wanted && wanted <= 2 && !disputed.test(cluster)) {
    return { glyph: cluster, columns: wanted === 2 ? 2 : 1, blanks: 0 };
  }
  const columns = Math.min(pointColumns(base), wanted) === 2 ? 2 : 1;
  return { glyph: String.fromCodePoint(base), columns, blanks: Math.max(0, wanted - columns) };
}

/** Columns of one code point by itself, as a terminal with Unicode 11 or later counts them. */
function pointColumns(point: number): number {
  return zeroWidth.test(String.fromCodePoint(point)) ? 0 : eastAsianWidth(point);
}

function clusterColumns(cluster: string, points: readonly number[]): number {
  if (emojiSequence.test(cluster) || (cluster.length <= 50 && unqualifiedEmoji.test(cluster))) return 2;
  let columns = 0;
  for (const point of points) {
    const isBase = columns === 0 || (point >= 0x1100 && point <= 0x115f);
    if (isBase || spacingMark.test(String.fromCodePoint(point))) columns += pointColumns(point);
  }
  return columns;
}

/** Grapheme clusters of `text`. */
export function clusters(text: string): string[] {
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
