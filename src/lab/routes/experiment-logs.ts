import { z } from "zod";
import { LogEntry, LogLevel } from "../../contract/log-entry.js";
import { streamLog } from "../http/log-stream.js";
import { type Answer, defineRoute } from "../http/route.js";
import type { LogsService } from "../services/service.js";

/** How many lines one request looks at while it searches for a level further back than the index is asked. */
const maxScannedLines = 50_000;
const scanStep = 5_000;

interface Wanted {
  readonly id: string;
  readonly limit: number;
  readonly level: LogLevel | undefined;
  /** Lines before this seq; absent is the end of the log. */
  readonly before: number | undefined;
}

export const experimentLogs = defineRoute({
  method: "get",
  path: "/v1/experiments/{id}/logs",
  needs: "experiments:read",
  summary:
    "The last lines, ascending; `next_cursor` leads to the lines before them. As text/event-stream: the log as it grows",
  params: z.object({ id: z.string() }),
  query: z.object({
    level: LogLevel.optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    /** Seq of the first line of the page after the wanted one. */
    cursor: z.coerce.number().int().nonnegative().optional(),
    /** For an event stream: the event id to go on from, where Last-Event-ID can't be sent. */
    from: z.string().optional(),
  }),
  result: z.array(LogEntry),
  async handle(context, { params: { id }, query: { level, limit, cursor: before }, http }) {
    const accept = http.req.header("accept") ?? "";
    if (accept.includes("text/event-stream")) return streamLog(context, http, { ref: id, level });
    return listLines(context.services.logs, { id, limit, level, before });
  },
});

async function listLines(logs: LogsService, wanted: Wanted): Promise<Answer> {
  const { id, limit, level, before } = wanted;
  if (level !== undefined && before !== undefined) return scanBack(logs, { ...wanted, before }, level);
  const rows = before === undefined ? await logs.tail(id, { limit, level }) : await logs.before(id, { before, limit });
  const first = rows[0]?.seq ?? 0;
  return toPage(rows, first, first > 0 && (level === undefined || rows.length === limit));
}

/** Goes back from `before` for lines of a level. A page may come short where they are rare; its cursor goes on from there. */
async function scanBack(logs: LogsService, wanted: Wanted & { before: number }, level: LogLevel): Promise<Answer> {
  const { id, limit } = wanted;
  const found: LogEntry[] = [];
  let before = wanted.before;
  for (let scanned = 0; scanned < maxScannedLines && before > 0 && found.length < limit; scanned += scanStep) {
    const rows = await logs.before(id, { before, limit: scanStep });
    if (rows.length === 0) break;
    found.unshift(...rows.filter((row) => row.level === level));
    before = rows[0]?.seq ?? 0;
  }
  const rows = found.slice(-limit);
  const first = found.length > limit ? (rows[0]?.seq ?? 0) : before;
  return toPage(rows, first, first > 0);
}

function toPage(rows: readonly LogEntry[], first: number, hasMore: boolean): Answer {
  return { data: rows, nextCursor: hasMore ? String(first) : null, hasMore };
}
