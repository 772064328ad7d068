import { sql } from "kysely";
import { touchExperiment } from "../services/experiment-events.js";
import type { Change } from "../store/store.js";
import { unbilledProviders } from "./billed.js";

/** Sums up what experiments cost so far on their own rows, where lists read it without asking further. */
export async function tellExperimentCosts(change: Change, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await sql`update experiments set
      cost_micros = (select sum(coalesce(c.billed_micros, c.micros)) from experiment_costs c where c.experiment_id = ${id}),
      cost_estimated = exists (select 1 from experiment_costs c join pods p on p.id = c.pod_id
        where c.experiment_id = ${id} and c.billed_micros is null and p.provider not in (${sql.join(unbilledProviders)}))
      where id = ${id}`.execute(change.tx);
    touchExperiment(change, id);
  }
}
