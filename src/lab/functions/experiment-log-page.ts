import { v } from "convex/values";
import type { LogEntry } from "../../contract/log-entry.js";
import type { LogFilter } from "../../contract/log-query.js";
import { LabError } from "../lab-error.js";
import { openCursor, sealCursor } from "../services/logs/cursor.js";
import type { LogsService } from "../services/service.js";
import { clampLimit, defineQuery, watchExperiment } from "./define.js";
import { filterArgs, filterOf } from "./log-filter-args.js";

const pageLimit = { most: 1000, otherwise: 1000 };
/** A page that grew beyond this at its newest side should be split, beyond `mostRows` it must begin afresh. */
const manyRows = 2000;
const mostRows = 10_000;

const paginationOpts = v.object({
  numItems: v.number(),
  cursor: v.union(v.string(), v.null()),
  endCursor: v.optional(v.union(v.string(), v.null())),
  id: v.optional(v.number()),
  maximumRowsRead: v.optional(v.number()),
  maximumBytesRead: v.optional(v.number()),
});

/**
 * Newest first, page by page. A cursor is where the page before ended, and belongs to its filter. The journal keeps where this
 * one ended, so that it grows at its newest side when lines arrive, and never leaves a gap to the next one.
 */
export const page = defineQuery({
  needs: "experiments:read",
  args: { experimentId: v.string(), paginationOpts, ...filterArgs },
  handler: async (context, { experimentId, paginationOpts: options, ...args }) => {
    const { logs, experiments } = context.services;
    const { cursor } = options;
    const id = await watchExperiment(context, experimentId, cursor === null ? (each) => [`logs:${each}`] : () => []);
    const filter = filterOf(args);
    const start = cursor === null ? null : openCursor(id, filter, cursor);
    const attempt = start?.attempt ?? filter.attempt ?? (await experiments.get(id)).attempt;
    const downTo = pinOf(id, filter, { end: options.endCursor ?? context.journal, attempt });
    const limit = clampLimit(options.numItems, pageLimit);
    const { rows, oldest } = await readDown(logs, id, { filter, limit, cursor, downTo });
    const seal = (seq: number) =>
      sealCursor(id, filter, { sinceMs: null, untilMs: null, ...start, attempt, direction: "back", seq });
    const continueCursor = seal(oldest);
    if (rows.length > 0 || downTo !== null) context.keepJournal(continueCursor);
    return { page: rows.toReversed(), isDone: oldest <= 0, continueCursor, ...splitOf(rows, seal) };
  },
});

/** How far down a page reaches that was answered before. Of an attempt before this one: it starts afresh. */
function pinOf(id: string, filter: Partial<LogFilter>, { end, attempt }: { end: string | null; attempt: number }) {
  const pin = end === null ? null : openCursor(id, filter, end);
  return pin?.attempt === attempt ? pin.seq : null;
}

function splitOf(rows: readonly LogEntry[], seal: (seq: number) => string) {
  const middle = rows.length > manyRows ? rows[Math.floor(rows.length / 2)] : undefined;
  if (middle === undefined) return { splitCursor: null, pageStatus: null };
  return { splitCursor: seal(middle.seq), pageStatus: "SplitRecommended" };
}

interface Wanted {
  readonly filter: Partial<LogFilter>;
  readonly limit: number;
  readonly cursor: string | null;
  /** Every line down to this seq, however many they are; null: one page. */
  readonly downTo: number | null;
}

/** Ascending, and where it ended. A client that reads `InvalidCursor` in a refusal begins its pages afresh. */
async function readDown(logs: LogsService, id: string, { filter, limit, cursor, downTo }: Wanted) {
  const rows: LogEntry[] = [];
  for (let from = cursor; ; ) {
    const answer = await logs.query(id, { ...filter, limit, cursor: from ?? undefined });
    rows.unshift(...answer.rows);
    from = answer.nextCursor;
    const oldest = from === null ? 0 : openCursor(id, filter, from).seq;
    if (downTo === null) return { rows, oldest };
    if (oldest <= downTo) return { rows: rows.filter(({ seq }) => seq >= downTo), oldest: downTo };
    if (rows.length > mostRows)
      throw new LabError(
        "validation_error",
        `paginationOpts: InvalidCursor: the page has grown over ${mostRows} lines`,
      );
  }
}
