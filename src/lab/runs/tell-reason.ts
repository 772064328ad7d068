import type { LiveRun } from "./live-run.js";
import type { RunParts } from "./parts.js";

/** What is unusual about a run, on its experiment; null takes it back. Written only when it changes. */
export async function tellReason({ services }: RunParts, run: LiveRun, statusReason: string | null): Promise<void> {
  if (statusReason === run.toldReason) return;
  await services.experiments.observe(run.experiment._id, run.experiment.attempt, { statusReason });
  run.toldReason = statusReason;
}
