import { createExperimentEdits, type EditParts } from "./experiment-edits.js";
import { attemptsOf, statusesOf } from "./experiment-history.js";
import { createExperimentQueries } from "./experiment-queries.js";
import { createExperimentRuns, type RunsParts } from "./experiment-runs.js";
import type { ExperimentsService } from "./service.js";

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
