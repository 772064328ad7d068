import type { PodLogLine } from "../../contract/pod.js";
import { LabError } from "../lab-error.js";
import type { LabStore } from "../store/store.js";
import { needPod } from "./find-pod.js";
import type { Fleet } from "./fleet.js";
import type { LogOptions } from "./provider.js";
import { refusalOf } from "./provider-error.js";

/** A pod's own log from its provider, until the signal aborts. */
export async function* followPodLog(
  { store, fleet }: { readonly store: LabStore; readonly fleet: Fleet },
  ref: string,
  options: LogOptions,
): AsyncGenerator<readonly PodLogLine[]> {
  const row = await needPod(store, ref);
  const provider = fleet.provider(row.provider);
  if (provider?.rents !== true) throw new LabError("validation_error", `${row.name} has no log of its own here.`);
  if (row.provider_id === null) throw new LabError("conflict", `${row.name} is not made yet: it has no log`);
  try {
    yield* provider.followLog(row.provider_id, options);
  } catch (error) {
    if (!options.signal.aborted) throw refusalOf(error, `${row.name}: `);
  }
}
