import { z } from "zod";
import { LogEntry } from "../../contract/log-entry.js";
import { LogQuery } from "../../contract/log-query.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { createLogDownloads } from "../http/log-download.js";
import { streamLog } from "../http/log-stream.js";
import { defineRoute } from "../http/route.js";
import { LabError } from "../lab-error.js";

/** What an event stream can't do: it is the log as it grows, from `from` on. */
const pageOnly = ["q", "regex", "since", "until", "attempt", "order", "around", "before", "after", "cursor"] as const;

export const experimentLogs = defineRoute({
  method: "get",
  path: "/v1/experiments/{id}/logs",
  needs: "experiments:read",
  summary:
    "Lines of the output, ascending: the last ones, or those that a query wants. `next_cursor` goes on in the query's direction, " +
    "`older_cursor` and `newer_cursor` in theirs. A page may be short and go on: each looks at a bounded part of the log. " +
    "As text/event-stream: the log as it grows",
  params: z.object({ id: z.string() }),
  query: LogQuery.extend({
    /** For an event stream: the event id to go on from, where Last-Event-ID can't be sent. */
    from: z.string().optional(),
  }),
  result: z.array(LogEntry),
  example: { params: { id: sampleIds.experiment }, query: { minLevel: "warn", since: "-2h", limit: 50 } },
  async handle(context, { params: { id }, query, http }) {
    const accept = http.req.header("accept") ?? "";
    if (accept.includes("text/event-stream")) {
      const refused = pageOnly.find((name) => query[name] !== undefined);
      if (refused !== undefined)
        throw new LabError("validation_error", `${refused}: not with an event stream; ask for JSON instead`);
      return streamLog(context, http, { ref: id, level: query.level, minLevel: query.minLevel });
    }
    const { rows, nextCursor, hasMore, olderCursor, newerCursor } = await context.services.logs.query(id, query);
    return { data: rows, nextCursor, hasMore, meta: { older_cursor: olderCursor, newer_cursor: newerCursor } };
  },
});

const downloads = createLogDownloads();

export const downloadExperimentLog = defineRoute({
  method: "get",
  path: "/v1/experiments/{id}/logs/download",
  needs: "experiments:read",
  summary: "The whole output of an attempt as it was written, as text or gzip",
  params: z.object({ id: z.string() }),
  query: z.object({
    format: z.enum(["text", "gzip"]).default("text"),
    attempt: z.coerce.number().int().positive().optional(),
  }),
  result: z.string(),
  bare: true,
  example: { params: { id: sampleIds.experiment }, query: { format: "text" } },
  async handle({ services }, { params: { id }, query: { format, attempt } }) {
    return downloads.send(await services.logs.file(id, attempt), format);
  },
});
