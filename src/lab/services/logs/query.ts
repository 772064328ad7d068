import type { LogLevel } from "../../../contract/log-entry.js";
import { LogQuery, readMoment } from "../../../contract/log-query.js";
import { logLevels } from "../../../contract/vocabulary.js";
import { offsetOfTime, spanAt } from "../../capture/block-query.js";
import { type LineFilter, patternFilter, textFilter } from "../../capture/line-filter.js";
import { readFrom } from "../../capture/log-reader.js";
import { type Found, type SearchBounds, searchLines } from "../../capture/log-search.js";
import { LabError } from "../../lab-error.js";
import { parseOrRefuse } from "../../refusal.js";
import type { LabStore } from "../../store/store.js";
import type { LogAnswer } from "../service.js";
import { type LogPlace, openCursor, sealCursor } from "./cursor.js";
import { type AttemptLog, findLog, type LogsParts, readOrTell } from "./source.js";

/** A page of the lines of a query, and where it goes on in both directions. */
export async function queryLog(
  parts: LogsParts & { readonly nowMs: number },
  ref: string,
  wanted: Partial<LogQuery>,
  bounds?: SearchBounds,
): Promise<LogAnswer> {
  const query = parseOrRefuse(LogQuery, wanted);
  refuseContradictions(query);
  const filter = filterOf(query);
  const { experimentId } = await findLog(parts, ref);
  const opened = query.cursor === undefined ? null : openCursor(experimentId, query, query.cursor);
  const log = await findLog(parts, ref, opened?.attempt ?? query.attempt);
  const place = opened ?? startOf(query, log, parts.nowMs);
  const reading: Reading = {
    store: parts.store,
    log,
    place,
    filter,
    levels: levelsOf(query),
    limit: query.limit,
    bounds,
  };
  let found: Found = { rows: [], next: null };
  const rows = await readOrTell(log, parts.nowMs, async () => {
    found = await (query.around === undefined ? read(reading) : readAround(reading));
    return found.rows;
  });
  const isThere = rows === found.rows;
  return { rows, ...cursorsOf({ query, log, place, found, isThere }) };
}

function refuseContradictions(query: LogQuery): void {
  const given = (...names: readonly (keyof LogQuery)[]) => names.filter((name) => query[name] !== undefined);
  const refuse = (message: string) => {
    throw new LabError("validation_error", message);
  };
  const places = given("cursor", "around", "before", "after");
  const [place, another] = places;
  const [filter] = given("level", "minLevel", "q", "regex", "since", "until");
  if (given("level", "minLevel").length > 1) refuse("minLevel: give level or minLevel, not both");
  if (given("q", "regex").length > 1) refuse("regex: give q or regex, not both");
  if (another !== undefined) refuse(`${another}: give one of cursor, around, before and after`);
  if (place !== undefined && query.order !== undefined)
    refuse(`order: ${place} has a direction of its own; leave order out`);
  if (place === "around" && filter !== undefined) refuse(`around: shows all lines around one; leave ${filter} out`);
}

function filterOf({ q, regex }: LogQuery): LineFilter | null {
  if (q !== undefined) return textFilter(q);
  return regex === undefined ? null : patternFilter(regex);
}

function levelsOf({ level, minLevel }: LogQuery): ReadonlySet<LogLevel> | null {
  if (level !== undefined) return new Set([level]);
  if (minLevel === undefined || minLevel === logLevels[0]) return null;
  return new Set(logLevels.slice(logLevels.indexOf(minLevel)));
}

function startOf(query: LogQuery, log: AttemptLog, nowMs: number): LogPlace {
  const { order, around, before, after, since, until, limit } = query;
  const sinceMs = since === undefined ? null : readMoment(since, nowMs);
  const untilMs = until === undefined ? null : readMoment(until, nowMs);
  if (sinceMs !== null && untilMs !== null && sinceMs > untilMs)
    throw new LabError("validation_error", "since: later than until");
  const place = { attempt: log.attempt, sinceMs, untilMs };
  if (around !== undefined) return { ...place, direction: "forward", seq: Math.max(0, around - Math.floor(limit / 2)) };
  if (after !== undefined) return { ...place, direction: "forward", seq: after + 1 };
  if (order === "asc") return { ...place, direction: "forward", seq: 0 };
  return { ...place, direction: "back", seq: Math.min(before ?? log.seq, log.seq) };
}

interface Reading {
  readonly store: LabStore;
  readonly log: AttemptLog;
  readonly place: LogPlace;
  readonly filter: LineFilter | null;
  readonly levels: ReadonlySet<LogLevel> | null;
  readonly limit: number;
  readonly bounds: SearchBounds | undefined;
}

async function read(reading: Reading): Promise<Found> {
  const { store, log, place, filter, levels, limit, bounds } = reading;
  const { sinceMs, untilMs, direction } = place;
  const from = sinceMs === null ? 0 : await offsetOfTime(store, log, sinceMs);
  const to = untilMs === null ? log.off : await offsetOfTime(store, log, untilMs + 1);
  if (filter === null && levels === null)
    return readAll(reading, await seqAt(store, log, from), await seqAt(store, log, to));
  return searchLines(store, log, { direction, seq: place.seq, from, to, levels, filter, limit, bounds });
}

const seqAt = async (store: LabStore, log: AttemptLog, off: number) =>
  off <= 0 ? 0 : off >= log.off ? log.seq : ((await spanAt(store, log, off))?.seq ?? log.seq);

/** All lines of a range, without looking at them. */
async function readAll({ store, log, place, limit }: Reading, low: number, high: number): Promise<Found> {
  const isBack = place.direction === "back";
  const end = isBack ? Math.min(place.seq, high) : high;
  const from = isBack ? Math.max(low, end - limit) : Math.max(place.seq, low);
  const to = Math.min(end, from + limit);
  const rows = from < to ? await readFrom(store, log, from, to - from) : [];
  if (isBack) return { rows, next: from > low ? from : null };
  return { rows, next: to < high ? to : null };
}

async function readAround({ store, log, place, limit }: Reading): Promise<Found> {
  const rows = await readFrom(store, log, place.seq, limit);
  const next = place.seq + rows.length;
  return { rows, next: rows.length > 0 && next < log.seq ? next : null };
}

interface Answered {
  readonly query: LogQuery;
  readonly log: AttemptLog;
  readonly place: LogPlace;
  readonly found: Found;
  readonly isThere: boolean;
}

function cursorsOf({ query, log, place, found, isThere }: Answered): Omit<LogAnswer, "rows"> {
  if (!isThere) return { nextCursor: null, olderCursor: null, newerCursor: null, hasMore: false };
  const seal = (direction: LogPlace["direction"], seq: number) =>
    sealCursor(log.experimentId, query, { ...place, direction, seq });
  const { direction } = place;
  const ends = endsOf(log, place, found.next);
  const newerCursor = ends.newest === null ? null : seal("forward", ends.newest);
  const olderCursor = ends.oldest === null ? null : seal("back", ends.oldest);
  const { hasMore } = ends;
  const nextCursor = direction === "back" ? olderCursor : newerCursor;
  return { nextCursor: hasMore ? nextCursor : null, olderCursor, newerCursor, hasMore };
}

/** Where a page goes on at either end; null: nothing is there. A running log may grow: its newer end always goes on. */
function endsOf(log: AttemptLog, { direction, seq }: LogPlace, next: number | null) {
  if (direction === "back") {
    const hasMore = next !== null && next > 0;
    return { hasMore, oldest: hasMore ? next : null, newest: seq < log.seq || !log.ended ? seq : null };
  }
  const hasMore = next !== null && next < log.seq;
  return { hasMore, oldest: seq > 0 ? seq : null, newest: hasMore ? next : log.ended ? null : log.seq };
}
