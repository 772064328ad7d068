import { sql } from "kysely";
import { hourMs } from "../../core/micro-usd.js";
import { touchExperiment } from "../services/experiment-events.js";
import type { Change } from "../store/store.js";
import { unbilledProviders } from "./billed.js";

/**
 * Sums up what experiments cost so far on their own rows, where lists read it without asking further. `perHour` is what each costs now,
 * in micro-dollars: what it will have cost follows where its end is expected.
 */
export async function tellExperimentCosts(
  change: Change,
  ids: readonly string[],
  perHour: ReadonlyMap<string, number> = new Map(),
): Promise<void> {
  for (const id of ids) {
    const rate = perHour.get(id) ?? null;
    const sum = sql`(select sum(coalesce(c.billed_micros, c.micros)) from experiment_costs c where c.experiment_id = ${id})`;
    await sql`update experiments set
      cost_micros = ${sum},
      projected_micros = case when status = 'running' and eta_at > ${change.at}
        then ${sum} + cast(round(${rate} * (eta_at - ${change.at}) / ${hourMs}) as bigint) end,
      cost_estimated = case when exists (select 1 from experiment_costs c join pods p on p.id = c.pod_id
        where c.experiment_id = ${id} and c.billed_micros is null and p.provider not in (${sql.join(unbilledProviders)}))
        then 1 else 0 end
      where id = ${id}`.execute(change.tx);
    touchExperiment(change, id);
  }
}
