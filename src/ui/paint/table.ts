import type { Look } from "../panes/pane.js";
import { type Align, clip, columnsOf, fit, type Piece, printable, row, widthOf } from "./columns.js";

/** A column of a table. Where room is short the highest `rank` goes first; rank 0 always stays. */
export interface Column<Id extends string> {
  readonly id: Id;
  readonly heading: string;
  readonly rank: number;
  readonly width: number;
  /** What stands there whole: it gets that first of the room left over. */
  readonly natural?: number;
  /** Takes a share of the room left over, up to `most` columns. */
  readonly grow?: { readonly share: number; readonly most: number };
  readonly align?: Align;
}

export interface PlacedColumn<Id extends string> extends Column<Id> {
  readonly placed: number;
  /** Blanks behind it; none behind the last. */
  readonly gap: number;
}

/** Where room is short, words are worth more than blanks between them. */
const gaps = { tight: 1, usual: 2, tightBelow: 80 };

/** The columns that fit in `width`, in their order, with their widths. */
export function placeColumns<Id extends string>(
  columns: readonly Column<Id>[],
  width: number,
): readonly PlacedColumn<Id>[] {
  let kept = [...columns];
  const gap = width < gaps.tightBelow ? gaps.tight : gaps.usual;
  const needed = () => kept.reduce((sum, column) => sum + column.width + gap, -gap);
  while (needed() > width && kept.some((column) => column.rank > 0)) {
    const worst = kept.reduce((most, column) => (column.rank > most.rank ? column : most));
    kept = kept.filter((column) => column !== worst);
  }
  let spare = Math.max(0, width - needed());
  kept = kept.map((column) => {
    const extra = Math.max(0, Math.min(spare, (column.natural ?? 0) - column.width));
    spare -= extra;
    return extra === 0 ? column : { ...column, width: column.width + extra };
  });
  let shares = kept.reduce((sum, column) => sum + (column.grow?.share ?? 0), 0);
  const placed = new Map<Id, number>();
  // Columns with the smallest ceiling first, so that what they leave goes to the others.
  const growing = kept.filter((column) => column.grow).sort((a, b) => (a.grow?.most ?? 0) - (b.grow?.most ?? 0));
  for (const { id, width: least, grow } of growing) {
    if (grow === undefined) continue;
    const extra = Math.max(0, Math.min(Math.floor((spare * grow.share) / shares), grow.most - least));
    placed.set(id, least + extra);
    spare -= extra;
    shares -= grow.share;
  }
  const last = kept.at(-1);
  return kept.map((column) => ({
    ...column,
    placed: placed.get(column.id) ?? column.width,
    gap: column === last ? 0 : gap,
  }));
}

/** Heading line of the placed columns. */
export function headingRow<Id extends string>(look: Look, width: number, columns: readonly PlacedColumn<Id>[]): string {
  const pieces = columns.map(
    ({ heading, placed, align, gap }): Piece => ["text.muted", `${fit(heading, placed, align)}${" ".repeat(gap)}`],
  );
  return row(look.paint, width, pieces);
}

/** A cell: one piece of text, or several from the left. They are cut at the column's width. */
export type Cell = Piece | { readonly pieces: readonly Piece[] };

export function tableRow<Id extends string>(
  look: Look,
  width: number,
  columns: readonly PlacedColumn<Id>[],
  cell: (id: Id, width: number) => Cell,
): string {
  const pieces: Piece[] = [];
  for (const { id, placed, align, gap } of columns) {
    const made = cell(id, placed);
    if ("pieces" in made) {
      const kept = clip(made.pieces, placed);
      pieces.push(...kept, ["text.primary", " ".repeat(placed - widthOf(kept) + gap)]);
      continue;
    }
    const whole = printable(made[1]);
    const text = columnsOf(whole) <= placed ? whole : fit(whole, placed).trimEnd();
    const blanks = placed - columnsOf(text);
    // Blanks stay outside the tone: an underlined word is not an underlined column.
    if (align === "right" && blanks > 0) pieces.push(["text.primary", " ".repeat(blanks)]);
    pieces.push([made[0], text], ["text.primary", " ".repeat(gap + (align === "right" ? 0 : blanks))]);
  }
  return row(look.paint, width, pieces);
}
