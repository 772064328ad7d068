import type { Costs } from "../../contract/cost.js";
import type { LabSettings } from "../../contract/settings.js";
import { grouped } from "../../core/grouped.js";
import { microsOf, usdOf } from "../../core/micro-usd.js";
import { usd } from "../../core/money.js";
import type { SettingsService } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import { totalMicros } from "./cost-sums.js";
import type { Spending } from "./spending.js";

/** The month may turn while nothing costs anything and nobody looks. */
const lookEveryMs = 60_000;
/** The reason names what was spent; it is written to every waiting experiment, so it follows in steps of the limit. */
const stepOfLimit = 0.01;

type Limits = Pick<LabSettings, "budgetMonthlyUsd" | "budgetWarnPercent" | "budgetHardLimitUsd">;

/** How the month's spending stands to the budget. Reaching it is using it up. */
export function budgetState(spentMicros: number, limits: Limits): Costs["budget"]["state"] {
  const monthly = microsOf(limits.budgetMonthlyUsd);
  const hard = microsOf(limits.budgetHardLimitUsd);
  if (monthly === null && hard === null) return "none";
  if (spentMicros >= (monthly ?? Infinity) || spentMicros >= (hard ?? Infinity)) return "over";
  return monthly !== null && spentMicros * 100 >= monthly * limits.budgetWarnPercent ? "warn" : "ok";
}

/** Why nothing new starts: `paused: budget of $500 used up ($512.30 this month)`. */
export function pauseReason(spentMicros: number, { budgetHardLimitUsd }: Limits): string | null {
  const limit = microsOf(budgetHardLimitUsd);
  if (limit === null || budgetHardLimitUsd === null || spentMicros < limit) return null;
  const whole = Number.isInteger(budgetHardLimitUsd) ? `$${grouped(budgetHardLimitUsd)}` : usd(budgetHardLimitUsd);
  return `paused: budget of ${whole} used up (${usd(usdOf(spentMicros))} this month)`;
}

export interface BudgetParts {
  readonly store: LabStore;
  readonly spending: Spending;
  readonly settings: Pick<SettingsService, "get">;
  readonly log: (line: string) => void;
}

export interface Budget {
  /** Why a lab's queue stands still, or null: what the scheduler asks before it starts anything of it. */
  paused(labId: string): Promise<string | null>;
  /** Watches what is spent, and tells (`lab.queuePaused`, `lab.queueResumed`) when the answer changes: that wakes the scheduler. */
  start(): void;
  stop(): Promise<void>;
  /** Looks now. */
  look(): Promise<void>;
}

/** What was said of a lab that is over its limit. */
interface Said {
  readonly reason: string;
  readonly spentMicros: number;
  readonly limitUsd: number;
}

/**
 * The hard limit of the month: nothing new of the lab starts once it is reached, and what runs goes on. It lifts by itself when the
 * limit is raised or the month turns, since it is nothing but a comparison.
 */
export function createBudget({ store, spending, settings, log }: BudgetParts): Budget {
  const said = new Map<string, Said>();
  /** By lab, as of the last look. */
  let isPaused = new Map<string, boolean>();
  let looking = Promise.resolve();
  let wanted = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let forget = () => undefined as unknown;

  const paused = async (labId: string) => {
    const limits = await settings.get(labId);
    const limitUsd = limits.budgetHardLimitUsd;
    const spentMicros = limitUsd === null ? 0 : totalMicros((await spending.now(labId)).month.total);
    const reason = pauseReason(spentMicros, limits);
    if (limitUsd === null || reason === null) {
      said.delete(labId);
      return null;
    }
    const before = said.get(labId);
    const isNear =
      before?.limitUsd === limitUsd && Math.abs(spentMicros - before.spentMicros) < limitUsd * 1e6 * stepOfLimit;
    if (before !== undefined && isNear) return before.reason;
    said.set(labId, { reason, spentMicros, limitUsd });
    return reason;
  };

  const lookAt = async (labId: string, before: boolean | undefined) => {
    const reason = await paused(labId);
    const now = reason !== null;
    if (now === (before ?? false)) return now;
    await store.change(({ event, touch }) => {
      event(now ? "lab.queuePaused" : "lab.queueResumed", labId, { labId, reason });
      touch("costs");
      return Promise.resolve();
    });
    return now;
  };
  const look = async () => {
    // A lab that never set anything has no limit.
    const labs = await store.db.selectFrom("lab_settings").select("lab_id").execute();
    const now = new Map<string, boolean>();
    for (const { lab_id: labId } of labs) now.set(labId, await lookAt(labId, isPaused.get(labId)));
    isPaused = now;
  };
  const soon = () => {
    if (wanted || stopped) return;
    wanted = true;
    looking = looking.then(async () => {
      wanted = false;
      await look().catch((error: unknown) => log(`budget: ${String(error)}`));
    });
  };

  return {
    paused,
    look,
    start() {
      // A watcher is called inside the commit: the work itself waits for the next turn.
      forget = store.onChange((topics) => {
        if (topics.has("costs")) setImmediate(soon);
      });
      timer = setInterval(soon, lookEveryMs);
      timer.unref();
      soon();
    },
    async stop() {
      stopped = true;
      forget();
      clearInterval(timer);
      await looking;
    },
  };
}
