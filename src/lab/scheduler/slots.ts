import type { Template } from "../../contract/lab.js";
import { runConfig } from "../services/experiment-config.js";

/** Slots that an experiment takes: `config.slots`, its own or its template's; 1 where the config can't be read. */
export function slotsOf(
  experiment: { readonly config: string; readonly template: string | null },
  templates: readonly Template[],
): number {
  try {
    return runConfig(experiment, templates).slots ?? 1;
  } catch {
    return 1;
  }
}
