import type { Http } from "../http/http.js";
import { experimentsClient } from "./experiments.js";
import { labsClient } from "./labs.js";
import { podsClient } from "./pods.js";

/** The resources of the Hubify Labs REST API, under the names its documented SDK uses. */
export function hubifyClient(http: Http) {
  return { labs: labsClient(http), experiments: experimentsClient(http), pods: podsClient(http) };
}
