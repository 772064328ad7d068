import type { Kysely } from "kysely";
import { type Experiment, NewExperiment } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import { priorityRank } from "../../contract/vocabulary.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import type { Change, LabStore } from "../store/store.js";
import { newDocumentId } from "./document-id.js";
import { checkConfig } from "./experiment-config.js";
import { awaitDependencies, findDependencies } from "./experiment-dependencies.js";
import { eventOf } from "./experiment-events.js";
import { toExperiment } from "./experiment-rows.js";
import { countExperiments } from "./labs.js";
import type { LabsService } from "./service.js";

export interface CreationParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  readonly templates: { list(): readonly Template[] };
}

/** Makes an experiment: queued, or blocked while something it depends on has not passed. */
export async function createExperiment(parts: CreationParts, draft: NewExperiment): Promise<Experiment> {
  const wanted = parseOrRefuse(NewExperiment, draft);
  const labId = await parts.labs.idOf(wanted.labId);
  const { config, template } = checkConfig(wanted, parts.templates.list());
  return parts.store.change(async (change) => {
    const needed = await findDependencies(change.tx, config.dependsOn ?? [], "refuse");
    const displayId = await takeDisplayId(change, labId, wanted.experimentId);
    const id = newDocumentId();
    const reason = await awaitDependencies(change, id, needed);
    const row = await change.tx
      .insertInto("experiments")
      .values({
        id,
        lab_id: labId,
        display_id: displayId,
        title: wanted.title,
        project_id: wanted.projectId ?? null,
        template: wanted.template ?? null,
        compute_mode: wanted.computeMode,
        config: JSON.stringify(wanted.config),
        priority: priorityRank[wanted.priority],
        estimated_seconds: wanted.estimatedSeconds ?? template?.estimatedSeconds ?? null,
        status: reason === null ? "queued" : "blocked",
        status_reason: reason,
        metrics: "{}",
        attempt: 0,
        log_lines: 0,
        cancel_requested: 0,
        created_at: change.at,
        updated_at: change.at,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const experiment = toExperiment(row);
    eventOf(change, "created", experiment);
    if (reason !== null) eventOf(change, "blocked", experiment);
    await countExperiments(change, labId, 1);
    return experiment;
  });
}

/** The draft that makes the same experiment once more, under a new display id. */
export function draftOf(experiment: Experiment): NewExperiment {
  const { labId, title, projectId, template, computeMode, config, priority, estimatedSeconds } = experiment;
  return {
    labId,
    title,
    computeMode,
    priority,
    config: JSON.parse(config) as Record<string, unknown>,
    ...(projectId === null ? {} : { projectId }),
    ...(template === null ? {} : { template }),
    ...(estimatedSeconds === null ? {} : { estimatedSeconds }),
  };
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
