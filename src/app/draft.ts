import type { Experiment } from "../contract/experiment.js";
import type { NewExperimentDraft } from "./slices/view.js";

/** What the form starts with when nothing is copied. */
export const emptyDraft: NewExperimentDraft = { title: "", computeMode: "CPU", config: {}, priority: "normal" };

/** An experiment's config, which is kept as text; an empty one if it is not an object. */
export function configOf({ config }: Experiment): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(config);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The same experiment once more, to be changed before it is queued. */
export function draftOf(row: Experiment): NewExperimentDraft {
  return {
    title: row.title,
    computeMode: row.computeMode,
    config: { ...configOf(row) },
    priority: row.priority,
    ...(row.queue === "default" ? {} : { queue: row.queue }),
    ...(row.template === null ? {} : { template: row.template }),
    ...(row.projectId === null ? {} : { projectId: row.projectId }),
    ...(row.estimatedSeconds === null ? {} : { estimatedSeconds: row.estimatedSeconds }),
  };
}
