/** Anything with a value, in its order. */
interface Valued {
  readonly value: number;
}

/**
 * At most `most` of the points, for as many pixels: the first and the last, and of each stretch between them the lowest and the
 * highest, so that no peak is lost however many points there are. `most` is 4 at least.
 */
export function thinPoints<Point extends Valued>(points: readonly Point[], most: number): readonly Point[] {
  const wanted = Math.max(4, Math.trunc(most));
  if (points.length <= wanted) return points;
  const stretches = Math.floor((wanted - 2) / 2);
  const inner = points.length - 2;
  const kept: Point[] = points.slice(0, 1);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = 1 + Math.floor((stretch * inner) / stretches);
    const to = 1 + Math.floor(((stretch + 1) * inner) / stretches);
    kept.push(...extremes(points, from, to));
  }
  return [...kept, ...points.slice(-1)];
}

interface Numbered extends Valued {
  /** Ascending. */
  readonly n: number;
}

/**
 * Which rows of a line stay when there are too many: stretches of 2, 4, 8 … numbers, the shortest with which at most `most` rows are
 * left, keep their lowest and highest; the first and the last row stay too. What was thinned before is thinned to the same as if it
 * had not been, so a line keeps the same resolution over its whole length however often this happens.
 */
export function keptRows<Row extends Numbered>(rows: readonly Row[], most: number): readonly Row[] {
  const wanted = Math.max(4, most);
  let kept = rows;
  for (let width = 2; kept.length > wanted; width *= 2) kept = atResolution(kept, width);
  return kept;
}

function atResolution<Row extends Numbered>(rows: readonly Row[], width: number): readonly Row[] {
  const kept = rows.slice(0, 1);
  const last = rows.length - 1;
  for (let from = 1; from < last; ) {
    const stretch = Math.floor((rows[from]?.n ?? 0) / width);
    let to = from + 1;
    while (to < last && Math.floor((rows[to]?.n ?? 0) / width) === stretch) to += 1;
    kept.push(...extremes(rows, from, to));
    from = to;
  }
  return rows.length > 1 ? [...kept, ...rows.slice(-1)] : kept;
}

/** The lowest and the highest of a stretch, in their order; one if they are the same. */
function extremes<Point extends Valued>(points: readonly Point[], from: number, to: number): Point[] {
  if (from >= to) return [];
  const valueAt = (at: number) => points[at]?.value ?? 0;
  let low = from;
  let high = from;
  for (let at = from + 1; at < to; at++) {
    if (valueAt(at) < valueAt(low)) low = at;
    if (valueAt(at) > valueAt(high)) high = at;
  }
  const wanted = low === high ? [low] : [Math.min(low, high), Math.max(low, high)];
  return wanted.flatMap((at) => points.slice(at, at + 1));
}
