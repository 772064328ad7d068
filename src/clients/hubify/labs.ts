import { Health } from "../../contract/discovery.js";
import { Lab, Template } from "../../contract/lab.js";
import type { Http } from "../http/http.js";
import { pageOf } from "./envelope.js";

export function labsClient(http: Http) {
  return {
    list: () => http.get("/v1/labs", { expect: pageOf(Lab) }),
    health: () => http.get("/v1/health", { expect: Health }),
    templates: (labId: string) => http.get("/v1/experiments/templates", { query: { labId }, expect: pageOf(Template) }),
  };
}
