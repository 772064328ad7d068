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

/** How many events one request looks at for those of a severity: that is told by the words, not by a column. */
const maxScanned = 5_000;
const scanStep = 500;

export function createActivity({ store, labs }: { store: LabStore; labs: LabsService }): ActivityService {
  const read = (labId: string, { event, ref, since }: ActivityQuery, before: number | null, limit: number) => {
    let rows = store.db
      .selectFrom("events")
      .selectAll()
      .where("lab_id", "=", labId)
      .orderBy("seq", "desc")
      .limit(limit);
    if (before !== null) rows = rows.where("seq", "<", before);
    // A range instead of `like`: names are told apart by their letters' case.
    if (event !== undefined && event.includes(".")) rows = rows.where("topic", "=", event);
    else if (event !== undefined) rows = rows.where("topic", ">=", `${event}.`).where("topic", "<", `${event}/`);
    if (ref !== undefined) rows = rows.where("ref", "=", ref);
    if (since !== undefined) rows = rows.where("at", ">=", since);
    return rows.execute();
  };

  return {
    async list(query) {
      const labId = await labs.idOf(query.labId);
      noteRead(`activity:${labId}`);
      const { limit, severity } = query;
      const step = severity === undefined ? limit + 1 : scanStep;
      const found: Activity[] = [];
      let before = placeOf(query.cursor);
      let atEnd = false;
      for (let scanned = 0; found.length <= limit && !atEnd && scanned < maxScanned; scanned += step) {
        const rows = await read(labId, query, before, step);
        atEnd = rows.length < step;
        before = rows.at(-1)?.seq ?? before;
        found.push(...rows.map(toActivity).filter((entry) => severity === undefined || entry.severity === severity));
      }
      return toPage(found, { limit, before, atEnd });
    },
  };
}

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
