import type { Clock } from "../../core/clock.js";
import type { LabStore } from "../store/store.js";

/** How many requests each caller with a limit per day has made today (UTC): counted in memory, kept in the store now and then. */
export interface RequestDays {
  /** Counts one; the number of today's, this one too. The first of a caller waits for what is stored. */
  count(caller: string): number | Promise<number>;
  /** Stores what has changed. What a crash loses is at most what came since. */
  save(): Promise<void>;
}

interface Day {
  readonly day: number;
  requests: number;
  saved: number;
  loading: Promise<void> | null;
}

const dayMs = 86_400_000;
/** Days of the past that are kept, for who wants to look. */
const keptDays = 7;

export function createRequestDays(store: LabStore, clock: Clock): RequestDays {
  const days = new Map<string, Day>();
  const today = () => Math.floor(clock.now() / dayMs);

  const load = async (caller: string, day: Day) => {
    const row = await store.db
      .selectFrom("request_days")
      .select("requests")
      .where("actor", "=", caller)
      .where("day", "=", day.day)
      .executeTakeFirst();
    day.requests += row?.requests ?? 0;
    day.saved = row?.requests ?? 0;
    day.loading = null;
  };

  return {
    count(caller) {
      let day = days.get(caller);
      if (day?.day !== today()) {
        day = { day: today(), requests: 0, saved: 0, loading: null };
        days.set(caller, day);
        day.loading = load(caller, day);
      }
      day.requests++;
      const counted = day;
      return day.loading === null ? day.requests : day.loading.then(() => counted.requests);
    },
    async save() {
      const now = today();
      const changed = [...days].filter(([, { requests, saved, loading }]) => loading === null && requests > saved);
      if (changed.length > 0) {
        await store.change(async ({ tx }) => {
          for (const [actor, { day, requests }] of changed) {
            await tx
              .insertInto("request_days")
              .values({ actor, day, requests })
              .onConflict((conflict) => conflict.columns(["actor", "day"]).doUpdateSet({ requests }))
              .execute();
          }
          await tx
            .deleteFrom("request_days")
            .where("day", "<", now - keptDays)
            .execute();
        });
        for (const [, day] of changed) day.saved = day.requests;
      }
      for (const [caller, { day }] of days) if (day !== now) days.delete(caller);
    },
  };
}
