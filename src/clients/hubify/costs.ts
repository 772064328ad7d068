import { Costs } from "../../contract/cost.js";
import type { Http } from "../http/http.js";
import { dataOf } from "./envelope.js";

/** GET /v1/costs: what the lab's pods and experiments cost. */
export function costsClient(http: Http) {
  return { get: (labId: string) => http.get("/v1/costs", { query: { labId }, expect: dataOf(Costs) }) };
}
