import { glyphKind, type LaidCluster, layCluster, unitKind } from "./glyph-width.js";

/** The blank, the second half of a wide glyph, and "nobody knows what the terminal shows here". */
export const blankGlyph = 0x20;
export const tailGlyph = 0xffff_ffff;
export const unknownGlyph = 0xffff_fffe;

/** Clusters of several code points are numbered from here on. */
const firstCluster = 0x11_0000;
const maxClusters = 16_384;
const maxLaid = 16_384;

/** A laid-out cluster whose glyph is a number. */
export interface PlacedCluster {
  readonly id: number;
  readonly columns: LaidCluster["columns"];
  readonly blanks: number;
}

/** Numbers for glyphs: a code point is its own number, longer clusters are interned. Bounded; see `overflowed`. */
export class GlyphTable {
  /** Set when a cluster found no number and was drawn as its base; the owner clears the table and parses again. */
  overflowed = false;
  private texts: string[] = [];
  private readonly ids = new Map<string, number>();
  private readonly placed = new Map<string, PlacedCluster>();

  /** Number and columns of a grapheme cluster. */
  place(cluster: string): PlacedCluster {
    const known = this.placed.get(cluster);
    if (known !== undefined) return known;
    const { glyph, columns, blanks } = layCluster(cluster);
    const result = { id: this.idOf(glyph), columns, blanks };
    if (this.placed.size >= maxLaid) this.placed.clear();
    this.placed.set(cluster, result);
    return result;
  }

  /** The text that draws glyph `id`. */
  text(id: number): string {
    return id < firstCluster ? String.fromCodePoint(id) : (this.texts[id - firstCluster] ?? " ");
  }

  /** True where terminals may disagree about the width: the cursor is unknown after such a glyph. */
  isDoubtful(id: number): boolean {
    if (id < 0x300) return false;
    return id >= 0x1_f000 || (id < 0x1_0000 && unitKind(id) === glyphKind.joining);
  }

  /** Forgets every number; all grids that hold some must be filled anew. */
  clear(): void {
    this.texts = [];
    this.ids.clear();
    this.placed.clear();
    this.overflowed = false;
  }

  private idOf(glyph: string): number {
    const base = glyph.codePointAt(0) ?? blankGlyph;
    if (glyph.length === (base > 0xffff ? 2 : 1)) return base;
    const known = this.ids.get(glyph);
    if (known !== undefined) return known;
    if (this.texts.length >= maxClusters) {
      this.overflowed = true;
      return base;
    }
    const id = firstCluster + this.texts.length;
    this.texts.push(glyph);
    this.ids.set(glyph, id);
    return id;
  }
}
