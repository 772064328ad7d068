import { z } from "zod";
import { logLevels } from "./vocabulary.js";

export const LogLevel = z.enum(logLevels);
export type LogLevel = z.infer<typeof LogLevel>;

/** One line of output. `seq` is dense from 0 per attempt of an experiment; it is the gap test of every follower. */
export const LogEntry = z.object({
  _id: z.string(),
  _creationTime: z.number(),
  experimentId: z.string(),
  seq: z.number().int(),
  level: LogLevel,
  /** Clean text: no escape sequence and no control character. */
  message: z.string(),
  /** The same with its colours: SGR sequences and nothing else, reset at the end. Only where the line has any. */
  ansi: z.string().optional(),
  /** seq of the line that this one continues: a traceback has one level, its head's. */
  group: z.number().int().optional(),
  /** ms since 1970 UTC, accurate to the block it was captured in (about 50 ms). */
  timestamp: z.number(),
});
export type LogEntry = z.infer<typeof LogEntry>;

/** What `experimentLogs:since` answers: rows with seq > after, ascending. */
export const LogPage = z.object({ rows: z.array(LogEntry), next: z.number().int(), more: z.boolean() });
export type LogPage = z.infer<typeof LogPage>;
