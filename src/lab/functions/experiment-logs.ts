import { v } from "convex/values";
import type { LogBounds } from "../services/service.js";
import { clampLimit, defineQuery, watchExperiment } from "./define.js";
import { filterArgs, filterOf } from "./log-filter-args.js";

export { page } from "./experiment-log-page.js";

const tailLimit = { most: 1000, otherwise: 100 };
const pageLimit = { most: 5000, otherwise: 1000 };
const logTopics = (id: string) => [`logs:${id}`];
/** A live query runs again with every block of output: each time it looks at less than a request does. */
const liveBounds: LogBounds = { bytes: 4 * 1024 * 1024, blocks: 1024, ms: 100 };

const isFiltered = (filter: object) => Object.values(filter).some((value) => value !== undefined);

/** The last lines, ascending: the bounded tail that a screen subscribes to; of a filter where one is given. */
export const list = defineQuery({
  needs: "experiments:read",
  args: {
    experimentId: v.string(),
    limit: v.optional(v.number()),
    around: v.optional(v.number()),
    before: v.optional(v.number()),
    after: v.optional(v.number()),
    ...filterArgs,
  },
  handler: async (context, { experimentId, limit: wanted, around, before, after, ...args }) => {
    const id = await watchExperiment(context, experimentId, logTopics);
    const limit = clampLimit(wanted, tailLimit);
    const { level, ...others } = { ...filterOf(args), around, before, after };
    const { logs } = context.services;
    if (!isFiltered(others)) return logs.tail(id, { limit, level });
    return (await logs.query(id, { level, ...others, limit }, liveBounds)).rows;
  },
});

/** A page of a query and its cursors, as the REST route answers it: for looking back, with time for more than a live list. */
export const query = defineQuery({
  needs: "experiments:read",
  args: {
    experimentId: v.string(),
    limit: v.optional(v.number()),
    order: v.optional(v.union(v.literal("asc"), v.literal("desc"))),
    around: v.optional(v.number()),
    before: v.optional(v.number()),
    after: v.optional(v.number()),
    cursor: v.optional(v.union(v.string(), v.null())),
    ...filterArgs,
  },
  handler: async (context, { experimentId, limit, order, around, before, after, cursor, ...args }) => {
    const id = await watchExperiment(context, experimentId, () => []);
    const place = { order, around, before, after, cursor: cursor ?? undefined };
    return context.services.logs.query(id, { ...filterOf(args), ...place, limit: clampLimit(limit, tailLimit) });
  },
});

/** Lines behind `after`, for followers that want every one. With `upTo` the window is closed and never runs again. */
export const since = defineQuery({
  needs: "experiments:read",
  args: { experimentId: v.string(), after: v.number(), limit: v.optional(v.number()), upTo: v.optional(v.number()) },
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
