import { Health } from "../../contract/discovery.js";
import { Lab, Template } from "../../contract/lab.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, pageOf } from "./envelope.js";

export function labsClient(http: Http) {
  return {
    list: () => http.get("/v1/labs", { expect: pageOf(Lab) }),
    get: (id: string) => http.get(path`/v1/labs/${id}`, { expect: dataOf(Lab) }),
    health: () => http.get("/v1/health", { expect: Health }),
    templates: (labId: string) => http.get("/v1/experiments/templates", { query: { labId }, expect: pageOf(Template) }),
  };
}
