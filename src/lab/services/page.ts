import { LabError } from "../lab-error.js";

/** Part of a list. */
export interface Page<T> {
  readonly rows: readonly T[];
  /** Names the place behind the last row; null at the end. */
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
}

export interface PageRequest {
  /** At least 1. */
  readonly limit: number;
  /** `_id` of the last row of the page before. */
  readonly cursor?: string | undefined;
}

/** A list whose rows are numbered in order of creation (`n`), newest first. */
export interface List<Row, T> {
  /** The row of the list with this document id. */
  place(id: string): PromiseLike<{ readonly n: number } | undefined>;
  /** At most `limit` rows with a number below `before`, highest first. */
  rows(before: number, limit: number): PromiseLike<readonly Row[]>;
  to(row: Row): T;
}

/** One page by keyset. Refuses a cursor that is no row of the list. */
export async function readPage<Row extends { readonly id: string }, T>(
  { limit, cursor }: PageRequest,
  { place, rows, to }: List<Row, T>,
): Promise<Page<T>> {
  const last = cursor === undefined ? { n: Number.MAX_SAFE_INTEGER } : await place(cursor);
  if (last === undefined) {
    throw new LabError("validation_error", "cursor: must be the `next_cursor` of a page of this list");
  }
  const found = await rows(last.n, limit + 1);
  const hasMore = found.length > limit;
  const page = found.slice(0, limit);
  return { rows: page.map(to), hasMore, nextCursor: hasMore ? (page.at(-1)?.id ?? null) : null };
}
