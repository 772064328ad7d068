/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface AskedRange {
  /** The headers Range and If-Range. */
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly etag: string | null;
}

const oneRange = /^bytes=(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))$/;

/** null: the whole. Several ranges at once, and words that are no range, are answered with the whole, as RFC 9110 allows. */
export function rangeOf({ range, ifRange, etag }: AskedRange, size: number): ByteRange | "unsatisfiable" | null {
  if (ifRange !== undefined && ifRange.trim() !== etag) return null;
  const match = oneRange.exec(range?.trim() ?? "");
  if (match === null) return null;
  const [, first, last, suffix] = match;
  if (suffix !== undefined) return fromEnd(Number(suffix), size);
  const start = Number(first);
  const end = Math.min(Number(last ?? size - 1), size - 1);
  if (last !== undefined && Number(last) < start) return null;
  return start >= size ? "unsatisfiable" : { start, end };
}

const fromEnd = (length: number, size: number): ByteRange | "unsatisfiable" =>
  length === 0 || size === 0 ? "unsatisfiable" : { start: Math.max(0, size - length), end: size - 1 };
