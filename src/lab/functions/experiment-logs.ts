import { v } from "convex/values";
import type { LogEntry } from "../../contract/log-entry.js";
import { LabError } from "../lab-error.js";
import type { LogsService } from "../services/service.js";
import { clampLimit, defineQuery, logLevel, watchExperiment } from "./define.js";

const tailLimit = { most: 1000, otherwise: 100 };
const pageLimit = { most: 5000, otherwise: 1000 };
const logTopics = (id: string) => [`logs:${id}`];

/** The last lines, ascending: the bounded tail that a screen subscribes to. */
export const list = defineQuery({
  needs: "experiments:read",
  args: { experimentId: v.string(), level: v.optional(logLevel), limit: v.optional(v.number()) },
  handler: async (context, { experimentId, level, limit }) => {
    const id = await watchExperiment(context, experimentId, logTopics);
    return context.services.logs.tail(id, { limit: clampLimit(limit, tailLimit), level });
  },
});

/** Lines behind `after`, for followers that want every one. With `upTo` the window is closed and never runs again. */
export const since = defineQuery({
  needs: "experiments:read",
  args: {
    experimentId: v.string(),
    after: v.number(),
    limit: v.optional(v.number()),
    upTo: v.optional(v.number()),
  },
  handler: async (context, { experimentId, after, limit, upTo }) => {
    const id = await watchExperiment(context, experimentId, upTo === undefined ? logTopics : () => []);
    return context.services.logs.since(id, { after, limit: clampLimit(limit, pageLimit), upTo });
  },
});

/** How many lines there are. */
export const head = defineQuery({
  needs: "experiments:read",
  args: { experimentId: v.string() },
  handler: async (context, { experimentId }) => {
    const id = await watchExperiment(context, experimentId, logTopics);
    return { seq: await context.services.logs.head(id) };
  },
});

const paginationOpts = v.object({
  numItems: v.number(),
  cursor: v.union(v.string(), v.null()),
  endCursor: v.optional(v.union(v.string(), v.null())),
  id: v.optional(v.number()),
  maximumRowsRead: v.optional(v.number()),
  maximumBytesRead: v.optional(v.number()),
});

/**
 * Newest first, page by page. A cursor is the seq of the last (oldest) line of the page before. The journal keeps where a page ended, so
 * that a page grows at its newest side when lines arrive, and never leaves a gap to the next one.
 */
export const page = defineQuery({
  needs: "experiments:read",
  args: { experimentId: v.string(), paginationOpts },
  handler: async (context, { experimentId, paginationOpts: options }) => {
    const { logs } = context.services;
    const id = await watchExperiment(context, experimentId, options.cursor === null ? logTopics : () => []);
    const before = options.cursor === null ? await logs.head(id) : toSeq(options.cursor);
    const end = options.endCursor ?? context.journal;
    // A pin behind the newest line is of an attempt before this one: the page starts afresh.
    const pinned = end === null || toSeq(end) > before ? null : toSeq(end);
    const rows =
      pinned === null
        ? await logs.before(id, { before, limit: clampLimit(options.numItems, pageLimit) })
        : await linesBetween(logs, id, { from: pinned, before });
    const oldest = rows[0]?.seq ?? pinned ?? before;
    const continueCursor = String(oldest);
    if (rows.length > 0 || pinned !== null) context.keepJournal(continueCursor);
    return {
      page: rows.toReversed(),
      isDone: oldest <= 0,
      continueCursor,
      splitCursor: null,
      pageStatus: null,
    };
  },
});

function toSeq(cursor: string): number {
  const seq = Number(cursor);
  if (!Number.isSafeInteger(seq))
    throw new LabError("validation_error", "paginationOpts.cursor: not a cursor of this list");
  return seq;
}

/** Everything with from ≤ seq < before, however many calls that takes. */
async function linesBetween(
  logs: LogsService,
  id: string,
  { from, before }: { from: number; before: number },
): Promise<LogEntry[]> {
  const rows: LogEntry[] = [];
  for (let after = from - 1; after < before - 1; ) {
    const part = await logs.since(id, { after, limit: pageLimit.most, upTo: before - 1 });
    const last = part.rows.at(-1);
    if (last === undefined) break;
    rows.push(...part.rows);
    after = last.seq;
  }
  return rows;
}
