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
  message: z.string(),
  /** ms since 1970 UTC, accurate to the block it was captured in (about 50 ms). */
  timestamp: z.number(),
});
export type LogEntry = z.infer<typeof LogEntry>;

/** What `experimentLogs:since` answers: rows with seq > after, ascending. */
export const LogPage = z.object({ rows: z.array(LogEntry), next: z.number().int(), more: z.boolean() });
export type LogPage = z.infer<typeof LogPage>;
