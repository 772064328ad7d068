import type { Experiment } from "../../contract/experiment.js";
import type { Change } from "../store/store.js";

/** The names of hubify-api §5.11, and ours for what it has none. */
export type ExperimentEvent =
  | "created"
  | "queued"
  | "started"
  | "completed"
  | "failed"
  | "blocked"
  | "updated"
  | "deleted";

/** Wakes whoever watches this experiment or the list. */
export function touchExperiment(change: Change, id: string): void {
  change.touch("experiments");
  change.touch(`experiment:${id}`);
}

/** Tells what happened to an experiment; the payload is enough to show it without asking again. */
export function eventOf(
  change: Change,
  name: ExperimentEvent,
  experiment: Experiment,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const { labId, experimentId, title, status, statusReason, attempt, result } = experiment;
  change.event(`experiment.${name}`, experiment._id, {
    labId,
    experimentId,
    title,
    status,
    statusReason,
    attempt,
    result,
    ...more,
  });
  touchExperiment(change, experiment._id);
}
