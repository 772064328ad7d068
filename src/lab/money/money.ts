import type { Template } from "../../contract/lab.js";
import { type Calendar, localCalendar } from "../../core/calendar.js";
import type { Clock } from "../../core/clock.js";
import type { Provider } from "../pods/provider.js";
import { createCosts } from "../services/costs.js";
import type { CostsService, SettingsService } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import { type Budget, createBudget } from "./budget.js";
import { createLedger, type Ledger } from "./ledger.js";
import { createLocalMeter, type LocalPod } from "./local-meter.js";
import { createReconciler } from "./reconcile.js";
import { createSpending, type Spending } from "./spending.js";

export interface MoneyParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly settings: SettingsService;
  readonly templates: readonly Template[];
  readonly providers: readonly Provider[];
  /** This machine, which costs what the config says. */
  readonly local?: LocalPod;
  /** Default: that of the time zone in which the lab runs. */
  readonly calendar?: Calendar;
  readonly log: (line: string) => void;
}

export interface Money {
  /** For whoever looks at rented pods. */
  readonly ledger: Ledger;
  /** Sums by pod, for lists of pods. */
  readonly spending: Spending;
  /** `paused` is for the scheduler. */
  readonly budget: Pick<Budget, "paused">;
  readonly costs: CostsService;
  start(): void;
  stop(): Promise<void>;
}

/** Everything about money, lab by lab: it counts, is corrected by bills, is summed up and held against the budget. */
export function createMoney(parts: MoneyParts): Money {
  const { store, clock, settings, templates, providers, calendar = localCalendar, log } = parts;
  const spending = createSpending({ store, clock, calendar });
  const budget = createBudget({ store, spending, settings, log });
  const reconciler = createReconciler({ store, clock, calendar, providers, log });
  const ledger = createLedger({ templates });
  const meter = parts.local === undefined ? undefined : createLocalMeter({ store, ledger, log }, parts.local);
  return {
    ledger,
    spending,
    budget,
    costs: createCosts({ store, spending, calendar, settings, budget, templates }),
    start() {
      meter?.start();
      budget.start();
      reconciler.start();
    },
    async stop() {
      await Promise.all([meter?.stop(), budget.stop(), reconciler.stop()]);
    },
  };
}
