import type { Http } from "../http/http.js";
import { batchesClient } from "./batches.js";
import { costsClient } from "./costs.js";
import { experimentsClient } from "./experiments.js";
import { keysClient } from "./keys.js";
import { labsClient } from "./labs.js";
import { podsClient } from "./pods.js";
import { qcClient } from "./qc.js";
import { queuesClient } from "./queues.js";
import { settingsClient } from "./settings.js";
import { telemetryClient } from "./telemetry.js";

/** The resources of the Hubify Labs REST API, under the names its documented SDK uses. */
export function hubifyClient(http: Http) {
  return {
    labs: labsClient(http),
    experiments: experimentsClient(http),
    qc: qcClient(http),
    queues: queuesClient(http),
    batches: batchesClient(http),
    pods: podsClient(http),
    telemetry: telemetryClient(http),
    costs: costsClient(http),
    settings: settingsClient(http),
    keys: keysClient(http),
  };
}
