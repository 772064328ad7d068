import { createExperimentEdits, type EditParts } from "./experiment-edits.js";
import { createExperimentQueries } from "./experiment-queries.js";
import { createExperimentRuns } from "./experiment-runs.js";
import type { ExperimentsService } from "./service.js";

/** The queue: reading it, what people change in it, and what the scheduler and the runs write. */
export function createExperiments(parts: EditParts): ExperimentsService {
  return {
    ...createExperimentQueries(parts.store, parts.labs),
    ...createExperimentEdits(parts),
    ...createExperimentRuns(parts.store),
  };
}
