import { LabSettings, LabSettingsPatch } from "../../contract/settings.js";
import { noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { LabStore } from "../store/store.js";
import type { SettingsService } from "./service.js";

/** Settings of a lab, one JSON row each; what was never set has its default. */
export function createSettings(store: LabStore): SettingsService {
  const read = async (labId: string): Promise<LabSettings> => {
    const row = await store.db
      .selectFrom("lab_settings")
      .select("settings")
      .where("lab_id", "=", labId)
      .executeTakeFirst();
    return LabSettings.parse(row === undefined ? {} : JSON.parse(row.settings));
  };
  return {
    get(labId) {
      noteRead(`settings:${labId}`);
      return read(labId);
    },
    async patch(labId, wanted) {
      const changes = parseOrRefuse(LabSettingsPatch, wanted);
      return store.change(async ({ tx, at, event, touch }) => {
        const settings = LabSettings.parse({ ...(await read(labId)), ...changes });
        refuseContradictions(settings);
        const values = { settings: JSON.stringify(settings), updated_at: at };
        await tx
          .insertInto("lab_settings")
          .values({ lab_id: labId, ...values })
          .onConflict((conflict) => conflict.column("lab_id").doUpdateSet(values))
          .execute();
        event("lab.settings", labId, { labId, ...changes });
        // The budget, idle rules and what they make of pods are shown with them.
        for (const topic of ["settings", `settings:${labId}`, "costs", "pods"]) touch(topic);
        return settings;
      });
    },
  };
}

function refuseContradictions({ budgetMonthlyUsd, budgetHardLimitUsd, ...idle }: LabSettings): void {
  if (budgetHardLimitUsd !== null && budgetMonthlyUsd !== null && budgetHardLimitUsd < budgetMonthlyUsd) {
    throw new LabError(
      "validation_error",
      `budgetHardLimitUsd: the hard limit ($${budgetHardLimitUsd}) is below the budget ($${budgetMonthlyUsd}); raise it or lower the budget`,
    );
  }
  if (idle.autoStopIdleHours !== null && idle.autoStopIdleHours * 60 < idle.idleAlertMinutes) {
    throw new LabError(
      "validation_error",
      `autoStopIdleHours: a pod would be stopped (after ${idle.autoStopIdleHours} h) before its alert (after ${idle.idleAlertMinutes} min)`,
    );
  }
}
