import { createHash } from "node:crypto";
import { z } from "zod";
import type { LogFilter } from "../../../contract/log-query.js";
import { LabError } from "../../lab-error.js";

/** Where a query goes on. Times are resolved: `-15m` stays what it was when the first page was asked for. */
export interface LogPlace {
  readonly attempt: number;
  readonly direction: "forward" | "back";
  readonly seq: number;
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
}

const Sealed = z.tuple([
  z.string(),
  z.number().int().nonnegative(),
  z.enum(["forward", "back"]),
  z.number().int().nonnegative(),
  z.number().nullable(),
  z.number().nullable(),
]);

/** A cursor belongs to its query: the experiment and the filter. Order and limit may change. */
export function sealCursor(experimentId: string, filter: Partial<LogFilter>, place: LogPlace): string {
  const { attempt, direction, seq, sinceMs, untilMs } = place;
  const sealed: z.infer<typeof Sealed> = [digest(experimentId, filter), attempt, direction, seq, sinceMs, untilMs];
  return Buffer.from(JSON.stringify(sealed)).toString("base64url");
}

/** The place in a cursor; refuses one of another query. */
export function openCursor(experimentId: string, filter: Partial<LogFilter>, cursor: string): LogPlace {
  const parsed = Sealed.safeParse(parseJson(Buffer.from(cursor, "base64url").toString()));
  if (!parsed.success)
    throw new LabError("validation_error", "cursor: not a cursor of this list; leave it out to start");
  const [own, attempt, direction, seq, sinceMs, untilMs] = parsed.data;
  if (own !== digest(experimentId, filter)) {
    throw new LabError(
      "validation_error",
      "cursor: of another query; it goes on only with the same experiment, level, minLevel, q, regex, since, until and attempt",
    );
  }
  return { attempt, direction, seq, sinceMs, untilMs };
}

function digest(experimentId: string, filter: Partial<LogFilter>): string {
  const { level, minLevel, q, regex, since, until, attempt } = filter;
  const query = JSON.stringify(
    [experimentId, level, minLevel, q, regex, since, until, attempt].map((each) => each ?? null),
  );
  return createHash("sha256").update(query).digest("base64url").slice(0, 12);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
