import type { Selectable } from "kysely";
import type { Activity, Severity } from "../../contract/activity.js";
import { noteRead } from "../access/asking.js";
import { describeEvent, type Payload } from "../activity/words.js";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { LabStore } from "../store/store.js";
import type { LabsService } from "./labs.js";
import type { Page } from "./page.js";

export interface ActivityQuery {
  /** Id or slug. */
  readonly labId: string;
  /** 1..200. */
  readonly limit: number;
  /** `_id` of the last row of the page before. */
  readonly cursor?: string | undefined;
  /** A name, or its first part: `experiment`, `experiment.failed`. */
  readonly event?: string | undefined;
  readonly severity?: Severity | undefined;
  /** Document id of what it happened to. */
  readonly ref?: string | undefined;
  /** ms; only what is not older. */
  readonly since?: number | undefined;
}

export interface ActivityService {
  /** Newest first. A page may come short, and even empty, while there is more: it looks at a bounded number of events. */
  list(query: ActivityQuery): Promise<Page<Activity>>;
}

type EventRow = Selectable<Schema["events"]>;

/** How many events one request looks at for those of a severity or a noun, which no index leads to: a million would stop the lab for seconds. */
const maxScanned = 5_000;
const scanStep = 500;

export function createActivity({ store, labs }: { store: LabStore; labs: LabsService }): ActivityService {
  const read = (labId: string, { event, ref }: ActivityQuery, before: number | null, limit: number) => {
    let rows = store.db
      .selectFrom("events")
      .selectAll()
      .where("lab_id", "=", labId)
      .orderBy("seq", "desc")
      .limit(limit);
    if (before !== null) rows = rows.where("seq", "<", before);
    if (ref !== undefined) rows = rows.where("ref", "=", ref);
    else if (event !== undefined && isName(event)) rows = rows.where("topic", "=", event);
    return rows.execute();
  };

  return {
    async list(query) {
      const labId = await labs.idOf(query.labId);
      noteRead(`activity:${labId}`);
      const { limit, severity, since = 0 } = query;
      const step = isSifted(query) ? scanStep : limit + 1;
      const found: Activity[] = [];
      let before = placeOf(query.cursor);
      let atEnd = false;
      for (let scanned = 0; found.length <= limit && !atEnd && scanned < maxScanned; scanned += step) {
        const rows = await read(labId, query, before, step);
        const wanted = rows.filter((row) => row.at >= since && isOf(query.event, row.topic)).map(toActivity);
        found.push(...wanted.filter((entry) => severity === undefined || entry.severity === severity));
        before = rows.at(-1)?.seq ?? before;
        // Events are in the order of their times: behind an older one are only older ones.
        atEnd = rows.length < step || (rows.at(-1)?.at ?? 0) < since;
      }
      return toPage(found, { limit, before, atEnd });
    },
  };
}

/** `experiment.failed`, not all of `experiment`. */
const isName = (event: string) => event.includes(".");

const isOf = (event: string | undefined, topic: string) =>
  event === undefined || topic === event || topic.startsWith(`${event}.`);

/** Whether some of what an index leads to is left out. */
const isSifted = ({ event, ref, severity }: ActivityQuery) =>
  severity !== undefined || (event !== undefined && (ref !== undefined || !isName(event)));

/** `before`: the last event that was looked at. */
function toPage(
  found: readonly Activity[],
  { limit, before, atEnd }: { readonly limit: number; readonly before: number | null; readonly atEnd: boolean },
): Page<Activity> {
  const rows = found.slice(0, limit);
  if (found.length > limit) return { rows, nextCursor: rows.at(-1)?.id ?? null, hasMore: true };
  return { rows, nextCursor: atEnd || before === null ? null : String(before), hasMore: !atEnd };
}

function placeOf(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new LabError("validation_error", "cursor: must be the `next_cursor` of a page of activity");
}

export function toActivity({ seq, topic, ref, payload, at, lab_id: labId, actor }: EventRow): Activity {
  const metadata = JSON.parse(payload) as Payload;
  const id = String(seq);
  const told = describeEvent(topic, metadata);
  return {
    _id: id,
    id,
    _creationTime: at,
    labId: labId ?? "",
    event: topic,
    ...told,
    actor: actor ?? "lab",
    ref,
    metadata,
    createdAt: at,
  };
}
