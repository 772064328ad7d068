import { createBatches } from "./batches.js";
import { createCheckpoints } from "./checkpoints.js";
import { createExperimentEdits, type EditParts } from "./experiment-edits.js";
import { attemptsOf, statusesOf } from "./experiment-history.js";
import { createExperimentQueries } from "./experiment-queries.js";
import { createExperimentRuns, type RunsParts } from "./experiment-runs.js";
import { createQueues } from "./queues.js";
import type { ExperimentsService, Services } from "./service.js";

/** The experiments: reading them, what people change in them, and what the scheduler and the runs write. */
export function createExperiments(parts: EditParts & RunsParts): ExperimentsService {
  return {
    ...createExperimentQueries(parts.store, parts.labs),
    ...createExperimentEdits(parts),
    ...createExperimentRuns(parts),
    statuses: (ref) => statusesOf(parts.store, ref),
    attempts: (ref) => attemptsOf(parts.store, ref),
  };
}

/** The experiments with what is around them. */
export function createExperimentServices(
  parts: EditParts & RunsParts,
): Pick<Services, "experiments" | "checkpoints" | "queues" | "batches"> {
  const { store, labs, templates } = parts;
  const checkpoints = createCheckpoints({ store, builtIn: templates.list() });
  const experiments = createExperiments({ ...parts, latestCheckpoint: checkpoints.latest });
  return {
    experiments,
    checkpoints,
    queues: createQueues({ store, labs }),
    batches: createBatches({ store, labs, templates, experiments }),
  };
}
