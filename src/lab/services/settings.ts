import { LabSettings } from "../../contract/settings.js";
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
    get: read,
    patch: (labId, changes) =>
      store.change(async ({ tx, at, event }) => {
        const settings = LabSettings.parse({ ...(await read(labId)), ...changes });
        const values = { settings: JSON.stringify(settings), updated_at: at };
        await tx
          .insertInto("lab_settings")
          .values({ lab_id: labId, ...values })
          .onConflict((conflict) => conflict.column("lab_id").doUpdateSet(values))
          .execute();
        event("lab.settings", labId, changes);
        return settings;
      }),
  };
}
