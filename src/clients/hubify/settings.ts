import { LabSettings, type LabSettingsPatch } from "../../contract/settings.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf } from "./envelope.js";

/** Settings of a lab, by its slug. */
export function settingsClient(http: Http) {
  const one = dataOf(LabSettings);
  return {
    get: (slug: string) => http.get(path`/v1/labs/${slug}/settings`, { expect: one }),
    patch: (slug: string, changes: LabSettingsPatch) =>
      http.patch(path`/v1/labs/${slug}/settings`, { body: changes, expect: one }),
  };
}
