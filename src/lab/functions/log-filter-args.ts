import { v } from "convex/values";
import type { LogQuery } from "../../contract/log-query.js";
import { logLevel } from "./define.js";

const moment = v.optional(v.union(v.string(), v.number()));
/** The arguments of a log filter: those of `LogFilter`, times also as numbers. */
export const filterArgs = {
  level: v.optional(logLevel),
  minLevel: v.optional(logLevel),
  q: v.optional(v.string()),
  regex: v.optional(v.string()),
  since: moment,
  until: moment,
  attempt: v.optional(v.number()),
};

interface FilterArgs {
  readonly level?: LogQuery["level"];
  readonly minLevel?: LogQuery["minLevel"];
  readonly q?: string | undefined;
  readonly regex?: string | undefined;
  readonly since?: string | number | undefined;
  readonly until?: string | number | undefined;
  readonly attempt?: number | undefined;
}

const momentText = (moment: string | number | undefined) =>
  typeof moment === "number" ? String(Math.round(moment)) : moment;

/** The filter of the arguments, as REST has it. */
export function filterOf({ level, minLevel, q, regex, since, until, attempt }: FilterArgs): Partial<LogQuery> {
  return { level, minLevel, q, regex, since: momentText(since), until: momentText(until), attempt };
}
