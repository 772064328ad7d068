import { keptRows, thinPoints } from "../../chain/thin-points.js";
import type { MetricPoint } from "../../contract/metrics.js";
import type { Change } from "../store/store.js";

/** Rows of one insert or delete: SQLite takes 32,766 values. */
const rowsPerStatement = 1000;
/** Rows of one line, and of all lines of an attempt together: a run that prints for ever gets coarser, never larger. */
const mostRowsOfLine = 2000;
const leastRowsOfLine = 50;
const mostRowsOfAttempt = 200_000;
/** A line is a name of one rank. What would be more lines is not kept. */
const mostLines = mostRowsOfAttempt / leastRowsOfLine;
export const mostNames = 256;
/** Attempts of which it is remembered how many rows they have. */
const keptAttempts = 200;

interface OfAttempt {
  readonly experimentId: string;
  readonly attempt: number;
}

/** A line of a chart: one name, one rank. */
export const lineKey = ({ name, rank }: Pick<MetricPoint, "name" | "rank">): string => `${rank} ${name}`;

/** How many rows one of so many lines may have. */
export const rowsPerLine = (lines: number): number =>
  Math.max(leastRowsOfLine, Math.min(mostRowsOfLine, Math.floor(mostRowsOfAttempt / Math.max(1, lines))));

/** Rows of each line, at least: a change that is undone leaves them too high, which only thins a line earlier. */
type Counts = Map<string, number>;

/** The table of points, kept small: a line that has too many rows loses every second one that is no extreme. */
export function createMetricStore() {
  const byAttempt = new Map<string, Counts>();

  const countsOf = async (change: Change, of: OfAttempt): Promise<Counts> => {
    const key = `${of.experimentId} ${of.attempt}`;
    const known = byAttempt.get(key);
    if (known !== undefined) return known;
    const rows = await change.tx
      .selectFrom("metrics")
      .select(["name", "rank"])
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("experiment_id", "=", of.experimentId)
      .where("attempt", "=", of.attempt)
      .groupBy(["name", "rank"])
      .execute();
    const counts = new Map(rows.map((row) => [lineKey(row), row.count]));
    if (byAttempt.size >= keptAttempts) byAttempt.delete(byAttempt.keys().next().value ?? "");
    byAttempt.set(key, counts);
    return counts;
  };

  return {
    /** Answers how many of the points are of lines that there is room for. */
    async append(change: Change, of: OfAttempt, points: readonly MetricPoint[]): Promise<number> {
      const counts = await countsOf(change, of);
      const lines = linesOf(points, counts);
      const taken = [...lines.values()].reduce((sum, line) => sum + line.length, 0);
      const most = rowsPerLine(counts.size + [...lines.keys()].filter((key) => !counts.has(key)).length);
      const kept = new Set([...lines.values()].flatMap((line) => thinPoints(line, most)));
      await insert(
        change,
        of,
        points.filter((point) => kept.has(point)),
      );
      for (const [key, line] of lines) {
        const count = (counts.get(key) ?? 0) + Math.min(line.length, most);
        const [point] = line;
        counts.set(
          key,
          count > most && point !== undefined ? await thinLine(change, { ...of, point }, most / 2) : count,
        );
      }
      return taken;
    },

    /** Without the points that are there already: the same name, rank, step and value. So a sender may send again. */
    async withoutKnown(change: Change, of: OfAttempt, points: readonly MetricPoint[]): Promise<MetricPoint[]> {
      const keyOf = ({ step, value }: Pick<MetricPoint, "step" | "value">) => `${step} ${value}`;
      const known = new Map<string, Set<string>>();
      const fresh: MetricPoint[] = [];
      for (const point of points) {
        const line = lineKey(point);
        const seen = known.get(line) ?? new Set((await rowsOfLine(change, { ...of, point })).map(keyOf));
        known.set(line, seen);
        if (seen.has(keyOf(point))) continue;
        seen.add(keyOf(point));
        fresh.push(point);
      }
      return fresh;
    },
  };
}

/** The points by their lines, without those of lines that would be too many. */
function linesOf(points: readonly MetricPoint[], counts: Counts): ReadonlyMap<string, MetricPoint[]> {
  const lines = new Map<string, MetricPoint[]>();
  const names = new Set([...counts.keys()].map((key) => key.slice(key.indexOf(" ") + 1)));
  let room = mostLines - counts.size;
  for (const point of points) {
    const key = lineKey(point);
    const line = lines.get(key);
    if (line !== undefined) line.push(point);
    else if (counts.has(key)) lines.set(key, [point]);
    else if (room > 0 && (names.has(point.name) || names.size < mostNames)) {
      room -= 1;
      names.add(point.name);
      lines.set(key, [point]);
    }
  }
  return lines;
}

async function insert({ tx }: Change, of: OfAttempt, points: readonly MetricPoint[]): Promise<void> {
  const rows = points.map(({ name, rank, step, value, at }) => ({
    experiment_id: of.experimentId,
    attempt: of.attempt,
    name,
    rank,
    step,
    value,
    at,
  }));
  for (let from = 0; from < rows.length; from += rowsPerStatement) {
    await tx
      .insertInto("metrics")
      .values(rows.slice(from, from + rowsPerStatement))
      .execute();
  }
}

interface OfLine extends OfAttempt {
  readonly point: Pick<MetricPoint, "name" | "rank">;
}

function rowsOfLine({ tx }: Change, { experimentId, attempt, point }: OfLine) {
  return tx
    .selectFrom("metrics")
    .select(["n", "step", "value"])
    .where("experiment_id", "=", experimentId)
    .where("attempt", "=", attempt)
    .where("name", "=", point.name)
    .where("rank", "=", point.rank)
    .orderBy("n")
    .execute();
}

/** Leaves at most `most` rows; answers how many. */
async function thinLine(change: Change, line: OfLine, most: number): Promise<number> {
  const rows = await rowsOfLine(change, line);
  const kept = new Set(keptRows(rows, most).map(({ n }) => n));
  const gone = rows.flatMap(({ n }) => (kept.has(n) ? [] : [n]));
  for (let from = 0; from < gone.length; from += rowsPerStatement) {
    await change.tx
      .deleteFrom("metrics")
      .where("n", "in", gone.slice(from, from + rowsPerStatement))
      .execute();
  }
  return kept.size;
}
