import { setImmediate as nextTurn } from "node:timers/promises";
import { type Experiment, type ExperimentCopy, NewExperiment } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import { defaultQueue } from "../../contract/queue.js";
import { parseOrRefuse } from "../refusal.js";
import type { LabStore } from "../store/store.js";
import { checkConfig, mergeConfig } from "./experiment-config.js";
import { resolveRefs } from "./experiment-dependencies.js";
import { insertExperiments, type Origin, type PreparedExperiment } from "./experiment-insertion.js";
import { toExperiment } from "./experiment-rows.js";
import type { LabsService } from "./labs.js";
import type { TemplatesService, UseTemplate } from "./templates.js";

export interface CreationParts {
  readonly store: LabStore;
  readonly labs: LabsService;
  /** `list`: what is built in; `use`: those, and the lab's own. */
  readonly templates: { list(): readonly Template[] } & Pick<TemplatesService, "use">;
}

/** Other work gets its turn after so many drafts. */
const perTurn = 20;

/** Looks at drafts for one lab, and refuses what could never run before anything is written. `like` as in `templates.use`. */
export async function prepareExperiments(
  { labs, templates }: CreationParts,
  drafts: readonly NewExperiment[],
  like?: string,
): Promise<PreparedExperiment[]> {
  const known = new Map<string, UseTemplate>();
  const templateOf = async (labId: string, name: string) => {
    const found = known.get(name) ?? (await templates.use(labId, name, like));
    known.set(name, found);
    return found;
  };
  const prepared: PreparedExperiment[] = [];
  for (const [index, draft] of drafts.entries()) {
    if (index % perTurn === perTurn - 1) await nextTurn();
    const wanted = parseOrRefuse(NewExperiment, draft);
    const labId = await labs.idOf(wanted.labId);
    const { title, template } = wanted;
    const own = wanted.dependsOn === undefined ? wanted.config : { ...wanted.config, dependsOn: wanted.dependsOn };
    const used = template === undefined ? null : (await templateOf(labId, template))({ title, config: own });
    const { dependsOn = [] } = checkConfig({ config: own }, used?.template ?? null);
    prepared.push({ wanted, labId, own, dependsOn, used });
  }
  return prepared;
}

/** Makes an experiment: a draft, queued, or blocked while something it depends on has not passed. */
export async function createExperiment(
  parts: CreationParts,
  draft: NewExperiment,
  { like, ...origin }: Origin & { readonly like?: string } = {},
): Promise<Experiment> {
  const prepared = await prepareExperiments(parts, [draft], like);
  return parts.store.change(async (change) => {
    const [row] = await insertExperiments(change, prepared, origin);
    if (row === undefined) throw new Error("nothing was written");
    return toExperiment(row);
  });
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
