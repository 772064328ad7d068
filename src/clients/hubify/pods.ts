import { Pod } from "../../contract/pod.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, pageOf } from "./envelope.js";

/** The Pods API, as far as the vendor ships it: list, start, stop. */
export function podsClient(http: Http) {
  return {
    list: (query: { labId: string; status?: string | undefined }) =>
      http.get("/v1/pods", { query: { ...query }, expect: pageOf(Pod) }),
    start: (id: string) => http.post(path`/v1/pods/${id}/start`, { expect: dataOf(Pod) }),
    stop: (id: string) => http.post(path`/v1/pods/${id}/stop`, { expect: dataOf(Pod) }),
  };
}
