import type { StockRow } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import type { Fleet } from "./fleet.js";
import { refusalOf } from "./provider-error.js";

/** Stock changes by the minute, and the catalogue is large. */
const keptMs = 60_000;

/** What the providers rent out now: asked for once a minute at most, however many ask. */
export function createStock(fleet: Fleet, clock: Clock): () => Promise<readonly StockRow[]> {
  let asked: { readonly at: number; readonly rows: Promise<readonly StockRow[]> } | null = null;

  const ask = async () => {
    const renting = fleet.providers.filter(({ rents }) => rents);
    const answers = await Promise.allSettled(renting.map((provider) => provider.stock()));
    const rows = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    const failed = answers.find((answer) => answer.status === "rejected");
    if (rows.length === 0 && failed !== undefined) throw refusalOf(failed.reason);
    return rows;
  };

  return () => {
    const now = clock.now();
    if (asked !== null && now - asked.at < keptMs && now >= asked.at) return asked.rows;
    const mine = { at: now, rows: ask() };
    asked = mine;
    mine.rows.catch(() => {
      if (asked === mine) asked = null;
    });
    return mine.rows;
  };
}
