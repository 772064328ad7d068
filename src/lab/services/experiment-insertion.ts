import type { Kysely } from "kysely";
import type { z } from "zod";
import type { NewExperiment } from "../../contract/experiment.js";
import { priorityRank } from "../../contract/vocabulary.js";
import { LabError } from "../lab-error.js";
import { createBulkInsert } from "../store/bulk-insert.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import { takeDisplayIds } from "./display-ids.js";
import { newDocumentIds } from "./document-id.js";
import {
  dependenciesOf,
  insertDependencies,
  refuseCycle,
  refuseUnknown,
  resolveRefs,
  waitsFor,
} from "./experiment-dependencies.js";
import { eventOf } from "./experiment-events.js";
import { countIn, noteStatuses } from "./experiment-move.js";
import { type ExperimentRow, queueName, queueOf, toExperiment } from "./experiment-rows.js";
import { countExperiments } from "./labs.js";
import { projectOf } from "./projects.js";
import { queueIdOf } from "./queue-rows.js";
import { keepVersion } from "./template-content.js";
import type { UsedTemplate } from "./templates.js";

/** A draft that was looked at, and is to be written. */
export interface PreparedExperiment {
  readonly wanted: z.output<typeof NewExperiment>;
  readonly labId: string;
  readonly own: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  readonly used: UsedTemplate | null;
}

/** What nobody writes: where they came from. */
export interface Origin {
  readonly batchId?: string | undefined;
  /** For the history: `copied from EXP-054`. */
  readonly reason?: string | undefined;
}

/** New experiments of one lab, in their order: rows, dependencies, histories, counts and events. What they name is looked up together. */
export async function insertExperiments(
  change: Change,
  prepared: readonly PreparedExperiment[],
  origin: Origin,
): Promise<ExperimentRow[]> {
  const { tx, at } = change;
  const labId = prepared[0]?.labId ?? "";
  const found = await findExperiments(tx, labId, prepared);
  const namedBy = await findNamed(change, labId, prepared);
  const wantedIds = prepared.map(({ wanted }) => wanted.experimentId);
  const displayIds = await takeDisplayIds(change, labId, wantedIds);
  const ids = newDocumentIds(prepared.length);
  const news = prepared.map((each, index) => ({
    id: ids[index] ?? "",
    display_id: displayIds[index] ?? "",
    each,
    ...waitingOf(each, found),
  }));
  const rest = { lab_id: labId, batch_id: origin.batchId ?? null, created_at: at, updated_at: at, ...neverStarted };
  const rows = await insertRows(
    tx,
    news.map(({ id, display_id, each, columns }) => {
      return { id, display_id, ...ownColumns(each), ...namedBy(each), ...columns, ...rest };
    }),
  );
  // SQLite promises no order of what a statement returns.
  const byId = new Map(rows.map((row) => [row.id, row]));
  const inOrder = news.flatMap(({ id }) => byId.get(id) ?? []);
  const dependencies = news.flatMap(({ id, open }) => dependenciesOf(id, open));
  await insertDependencies(tx, dependencies);
  await refuseCycles(tx, news, byId);
  await tellCreated(change, inOrder, origin);
  await countNew(change, labId, inOrder);
  return inOrder;
}

/** Of one that was never started. */
const neverStarted = { metrics: "{}", attempt: 0, log_lines: 0, cancel_requested: 0 };

const ownColumns = ({ wanted, own, used }: PreparedExperiment) => ({
  title: used?.title ?? wanted.title,
  config: JSON.stringify(own),
  template: wanted.template ?? null,
  compute_mode: wanted.computeMode as string,
  priority: priorityRank[wanted.priority],
  estimated_seconds: wanted.estimatedSeconds ?? used?.template.estimatedSeconds ?? null,
});

/** Queue, project and version of the template; each is looked up once. */
async function findNamed(change: Change, labId: string, prepared: readonly PreparedExperiment[]) {
  const { tx } = change;
  const refsOf = <Ref>(refOf: (each: PreparedExperiment) => Ref) => new Set(prepared.map(refOf));
  const queues = await eachOf(refsOf(queueRef), (ref) => queueIdOf(tx, labId, ref));
  const projects = await eachOf(refsOf(projectRef), (ref) => projectOf(tx, labId, ref));
  const versions = await eachOf(refsOf(templateOf), (template) => keepVersion(change, template));
  return (each: PreparedExperiment) => ({
    queue_id: queues.get(queueRef(each)) ?? null,
    project_id: projects.get(projectRef(each)) ?? null,
    template_version: versions.get(templateOf(each)) ?? null,
  });
}

const queueRef = ({ wanted }: PreparedExperiment) => wanted.queue;
const projectRef = ({ wanted }: PreparedExperiment) => wanted.projectId;
const templateOf = ({ used }: PreparedExperiment) => used?.template ?? null;

async function eachOf<Ref, Found>(refs: ReadonlySet<Ref>, find: (ref: Ref) => Promise<Found>) {
  const found = new Map<Ref, Found>();
  for (const ref of refs) found.set(ref, await find(ref));
  return found;
}

type Experiments = ReadonlyMap<string, ExperimentRow>;

/** Everything that is waited for and gone on from, by the name that it has there. */
function findExperiments(db: Kysely<Schema>, labId: string, prepared: readonly PreparedExperiment[]) {
  const refs = prepared.flatMap(({ dependsOn, wanted: { parent } }) =>
    parent === undefined ? dependsOn : [...dependsOn, parent],
  );
  return resolveRefs(db, labId, [...new Set(refs)]);
}

/** What it waits for, its parent among it, and as what it therefore starts. */
function waitingOf({ dependsOn, wanted }: PreparedExperiment, found: Experiments) {
  refuseUnknown(dependsOn, found);
  const parent = wanted.parent === undefined ? null : found.get(wanted.parent);
  if (parent === undefined) {
    throw new LabError("validation_error", `parent: experiment ${wanted.parent} does not exist`);
  }
  const named = dependsOn.flatMap((ref) => found.get(ref) ?? []);
  const needed = parent === null ? named : [...named, parent];
  const isDraft = wanted.draft === true || wanted.status === "draft";
  const { open, reason } = waitsFor(isDraft ? [] : needed);
  const status: string = isDraft ? "draft" : reason === null ? "queued" : "blocked";
  return { needed, open, columns: { parent_id: parent?.id ?? null, status, status_reason: reason } };
}

interface Waiting {
  readonly id: string;
  readonly each: PreparedExperiment;
  readonly needed: readonly ExperimentRow[];
}

/** An id of one's own may be that of a deleted one, which others still name. */
async function refuseCycles(db: Kysely<Schema>, news: readonly Waiting[], rows: Experiments): Promise<void> {
  for (const { id, each, needed } of news) {
    const row = rows.get(id);
    if (row !== undefined && each.wanted.experimentId !== undefined) await refuseCycle(db, row, needed);
  }
}

type NewRow = ReturnType<typeof ownColumns> &
  Record<"id" | "lab_id" | "display_id" | "status" | "metrics", string> &
  Record<"attempt" | "log_lines" | "cancel_requested" | "created_at" | "updated_at", number> &
  Record<"queue_id" | "project_id" | "template_version" | "parent_id" | "batch_id" | "status_reason", string | null>;

const insertRows = createBulkInsert<NewRow, ExperimentRow>((db, rows) =>
  db.insertInto("experiments").values(rows).returningAll().returning(queueName),
);

async function tellCreated(change: Change, rows: readonly ExperimentRow[], { reason }: Origin): Promise<void> {
  await noteStatuses(
    change,
    rows.map((row) => ({ row, from: null, reason: reason ?? row.status_reason })),
  );
  for (const row of rows) {
    const experiment = toExperiment(row);
    eventOf(change, "created", experiment);
    if (row.status === "blocked") eventOf(change, "blocked", experiment);
  }
}

async function countNew(change: Change, labId: string, rows: readonly ExperimentRow[]): Promise<void> {
  const groups = Map.groupBy(rows, (row) => `${row.status} ${queueOf(row) ?? ""}`);
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const to = { from: null, to: first.status, experiments: 1 + others.length };
    await countIn(change, { labId, queueId: queueOf(first) }, to);
  }
  await countExperiments(change, labId, rows.length);
}
