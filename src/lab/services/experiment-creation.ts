import type { Kysely } from "kysely";
import type { z } from "zod";
import { type Experiment, type ExperimentCopy, NewExperiment } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import { defaultQueue } from "../../contract/queue.js";
import { priorityRank } from "../../contract/vocabulary.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import { checkConfig, mergeConfig } from "./experiment-config.js";
import { awaitDependencies, findDependencies, refuseCycle, resolveRefs } from "./experiment-dependencies.js";
import { eventOf } from "./experiment-events.js";
import { countIn, noteStatus } from "./experiment-move.js";
import { type ExperimentRow, queueName, queueOf, toExperiment } from "./experiment-rows.js";
import { countExperiments, type LabsService } from "./labs.js";
import { projectOf } from "./projects.js";
import { queueIdOf } from "./queue-rows.js";
import { keepVersion } from "./template-content.js";
import type { TemplatesService, UsedTemplate } from "./templates.js";

export interface CreationParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  /** `list`: what is built in; `use`: those, and the lab's own. */
  readonly templates: { list(): readonly Template[] } & Pick<TemplatesService, "use">;
}

/** What nobody writes: where it came from. */
export interface Origin {
  readonly batchId?: string | undefined;
  /** For its history: `copied from EXP-054`. */
  readonly reason?: string | undefined;
  /** Document id of the experiment that it is a copy of: its template counts as it was then. */
  readonly like?: string | undefined;
}

/** A draft that was looked at, and is to be written. */
export interface PreparedExperiment {
  readonly wanted: z.output<typeof NewExperiment>;
  readonly labId: string;
  readonly own: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  readonly used: UsedTemplate | null;
}

/** Refuses what could never run, before anything is written. */
export async function prepareExperiment(
  parts: CreationParts,
  draft: NewExperiment,
  like?: string,
): Promise<PreparedExperiment> {
  const wanted = parseOrRefuse(NewExperiment, draft);
  const labId = await parts.labs.idOf(wanted.labId);
  const { title, template } = wanted;
  const own = wanted.dependsOn === undefined ? wanted.config : { ...wanted.config, dependsOn: wanted.dependsOn };
  const used = template === undefined ? null : await parts.templates.use(labId, template, { title, config: own, like });
  const { dependsOn = [] } = checkConfig({ config: own }, used?.template ?? null);
  return { wanted, labId, own, dependsOn, used };
}

/** Makes an experiment: a draft, queued, or blocked while something it depends on has not passed. */
export async function createExperiment(
  parts: CreationParts,
  draft: NewExperiment,
  origin: Origin = {},
): Promise<Experiment> {
  const prepared = await prepareExperiment(parts, draft, origin.like);
  return parts.store.change(async (change) => {
    const row = await insertExperiment(change, prepared, origin);
    await countNew(change, [row]);
    return toExperiment(row);
  });
}

/** Everything of a new experiment but the counts, which many have together. */
export async function insertExperiment(
  change: Change,
  { wanted, labId, own, dependsOn, used }: PreparedExperiment,
  origin: Origin,
): Promise<ExperimentRow> {
  const { tx } = change;
  const { parent, needed } = await findNeeded(tx, labId, { parent: wanted.parent, dependsOn });
  const queueId = await queueIdOf(tx, labId, wanted.queue);
  const displayId = await takeDisplayId(change, labId, wanted.experimentId);
  const id = newDocumentId();
  const isDraft = wanted.draft === true || wanted.status === "draft";
  const waits = isDraft ? null : await awaitDependencies(change, id, needed);
  const row = await tx
    .insertInto("experiments")
    .values({
      id,
      lab_id: labId,
      display_id: displayId,
      title: used?.title ?? wanted.title,
      config: JSON.stringify(own),
      ...columnsOf(wanted, used),
      project_id: await projectOf(tx, labId, wanted.projectId),
      template_version: await keepVersion(change, used?.template ?? null),
      status: isDraft ? "draft" : startingStatus(waits),
      status_reason: waits,
      queue_id: queueId,
      parent_id: parent,
      batch_id: origin.batchId ?? null,
      ...fresh,
      created_at: change.at,
      updated_at: change.at,
    })
    .returningAll()
    .returning(queueName)
    .executeTakeFirstOrThrow();
  // An id of one's own may be that of a deleted one, which others still name.
  if (wanted.experimentId !== undefined) await refuseCycle(tx, row, needed);
  await tellCreated(change, row, origin.reason ?? waits);
  return row;
}

/** New rows of one lab. */
export async function countNew(change: Change, rows: readonly ExperimentRow[]): Promise<void> {
  const groups = Map.groupBy(rows, (row) => `${row.status} ${queueOf(row) ?? ""}`);
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const where = { labId: first.lab_id, queueId: queueOf(first) };
    await countIn(change, where, { from: null, to: first.status, experiments: 1 + others.length });
  }
  if (rows[0] !== undefined) await countExperiments(change, rows[0].lab_id, rows.length);
}

/** Of one that was never started. */
const fresh = { metrics: "{}", attempt: 0, log_lines: 0, cancel_requested: 0 };

const columnsOf = (wanted: z.output<typeof NewExperiment>, used: UsedTemplate | null) => ({
  template: wanted.template ?? null,
  compute_mode: wanted.computeMode,
  priority: priorityRank[wanted.priority],
  estimated_seconds: wanted.estimatedSeconds ?? used?.template.estimatedSeconds ?? null,
});

async function tellCreated(change: Change, row: ExperimentRow, reason: string | null): Promise<void> {
  await noteStatus(change, { row, from: null, reason });
  const experiment = toExperiment(row);
  eventOf(change, "created", experiment);
  if (row.status === "blocked") eventOf(change, "blocked", experiment);
}

const startingStatus = (waits: string | null) => (waits === null ? "queued" : "blocked");

interface Wanted {
  readonly parent: string | undefined;
  readonly dependsOn: readonly string[];
}

/** What it waits for, its parent among it; `parent` is the parent's document id. */
async function findNeeded(db: Kysely<Schema>, labId: string, { parent: ref, dependsOn }: Wanted) {
  const named = await findDependencies(db, labId, { dependsOn, unknown: "refuse" });
  if (ref === undefined) return { parent: null, needed: named };
  const parent = (await resolveRefs(db, labId, [ref])).get(ref);
  if (parent === undefined) throw new LabError("validation_error", `parent: experiment ${ref} does not exist`);
  return { parent: parent.id, needed: [...named, parent] };
}

/** The draft that makes the same experiment once more, under a new display id. */
export function draftOf(experiment: Experiment): NewExperiment {
  const { labId, title, projectId, template, computeMode, config, priority, estimatedSeconds } = experiment;
  const { queue, queueId, parentId } = experiment;
  return {
    labId,
    title,
    computeMode,
    priority,
    config: JSON.parse(config) as Record<string, unknown>,
    ...(projectId === null ? {} : { projectId }),
    ...(template === null ? {} : { template }),
    ...(estimatedSeconds === null ? {} : { estimatedSeconds }),
    ...(queue === defaultQueue ? {} : { queue: queueId ?? queue }),
    ...(parentId === null ? {} : { parent: parentId }),
  };
}

/** The same again, with what is to be different. A parent that was deleted meanwhile is left out. */
export async function copyExperiment(
  parts: CreationParts,
  experiment: Experiment,
  { config = {}, ...changes }: ExperimentCopy = {},
): Promise<Experiment> {
  const { parent, ...draft } = draftOf(experiment);
  const isThere = parent !== undefined && (await resolveRefs(parts.store.db, draft.labId, [parent])).has(parent);
  return createExperiment(
    parts,
    {
      ...draft,
      ...(isThere ? { parent } : {}),
      ...(changes as Partial<NewExperiment>),
      config: mergeConfig(draft.config ?? {}, config),
    },
    { reason: `copied from ${experiment.experimentId}`, like: experiment._id },
  );
}

const automatic = /^EXP-(\d{1,9})$/;

/** The wanted display id if it is free, else the next `EXP-NNN`. Numbers are never given out again, also after a delete. */
async function takeDisplayId(change: Change, labId: string, wanted: string | undefined): Promise<string> {
  const key = `lastDisplayNumber:${labId}`;
  const row = await change.tx.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  let last = Number(row?.value ?? 0);
  let displayId = wanted;
  if (displayId === undefined) {
    do displayId = `EXP-${String(++last).padStart(3, "0")}`;
    while (await isTaken(change.tx, labId, displayId));
  } else {
    if (await isTaken(change.tx, labId, displayId)) {
      throw new LabError("conflict", `experimentId: ${displayId} is taken; leave it out to get the next free one`);
    }
    last = Math.max(last, Number(automatic.exec(displayId)?.[1] ?? 0));
  }
  const value = String(last);
  await change.tx
    .insertInto("meta")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
  return displayId;
}

async function isTaken(db: Kysely<Schema>, labId: string, displayId: string): Promise<boolean> {
  const row = await db
    .selectFrom("experiments")
    .select("n")
    .where("lab_id", "=", labId)
    .where("display_id", "=", displayId)
    .executeTakeFirst();
  return row !== undefined;
}
