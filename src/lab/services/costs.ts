import type { Clock } from "../../core/clock.js";
import type { LabStore } from "../store/store.js";
import type { CostsService } from "./service.js";

export interface CostsParts {
  readonly store: LabStore;
  readonly clock: Clock;
}

/** Nothing is known of any cost yet. */
export function createCosts({ clock }: CostsParts): CostsService {
  return {
    summary() {
      const asOf = clock.now();
      const liveRunning = { podCount: 0, hourlyUsd: null, costUsd: null };
      const month = new Date(asOf).toISOString().slice(0, 7);
      return Promise.resolve({
        asOf,
        summary: {
          month,
          gpuUsd: null,
          llmUsd: null,
          storageUsd: null,
          totalUsd: null,
          gpuHours: null,
          budgetUsd: null,
          liveRunning,
        },
        todayUsd: null,
        idleTodayUsd: null,
        idleMonthUsd: null,
        stoppedDiskHourlyUsd: null,
        projectedMonthUsd: null,
        estimated: true,
        billedUntil: null,
        budget: { state: "none", monthlyUsd: null, warnUsd: null, hardLimitUsd: null, queuePaused: null },
        balance: { usd: null, runwayHours: null, reason: null },
        pods: [],
        experiments: [],
        queues: [],
        hours: [],
        days: [],
      });
    },
  };
}
