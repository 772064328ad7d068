import { noteProgress, storeGathered } from "../capture/follow.js";
import type { LiveRun } from "./live-run.js";
import type { RunParts } from "./parts.js";

/** The numbers in the files of a run on another machine: they are here once its outputs have come home, after its last look. */
export async function readWritten({ store, services, clock, nowMs }: RunParts, run: LiveRun): Promise<void> {
  const { _id: experimentId, attempt } = run.experiment;
  for (let drained = false; !drained; ) {
    const harvest = await run.tail.poll(clock.now(), true);
    const progress = noteProgress(run.progress, harvest);
    const gathered = { experimentId, attempt, harvest, progress, ageMs: null, last: true };
    if (harvest.points.length > 0 || harvest.reader !== undefined) {
      const [told] = await storeGathered(store, services, [gathered], nowMs());
      run.progress = told ?? run.progress;
    }
    run.tail.accept(harvest);
    drained = harvest.drained;
  }
}
