import type { Costs } from "../../contract/cost.js";
import { usdOf } from "../../core/micro-usd.js";
import type { LabStore } from "../store/store.js";
import { burnOf, type PricedPod, readPods, sumKnown } from "./burn.js";

/** What is left at the providers, and for how long at the present burn of all labs: the account that is empty first decides. */
export async function readRunway({ db }: LabStore): Promise<Costs["balance"]> {
  const rows = await db.selectFrom("balances").selectAll().orderBy("provider").execute();
  const hours: (number | null)[] = [];
  for (const row of rows) {
    const own = await readPods(db, { provider: row.provider });
    const perHour = (row.spend_micros_per_hour ?? 0) + ownMicrosPerHour(own);
    hours.push(row.micros === null || perHour <= 0 ? null : Math.max(0, row.micros) / perHour);
  }
  const known = hours.filter((left) => left !== null);
  return {
    usd: usdOf(sumKnown(rows.map(({ micros }) => micros))),
    runwayHours: known.length === 0 ? null : Math.min(...known),
    reason: rows.find(({ micros, reason }) => micros === null && reason !== null)?.reason ?? null,
  };
}

/** What pods cost together now, switched off ones too. */
export function ownMicrosPerHour(pods: readonly PricedPod[]): number {
  const { microsPerHour, stoppedMicrosPerHour } = burnOf(pods, 0);
  return (microsPerHour ?? 0) + (stoppedMicrosPerHour ?? 0);
}
