import { z } from "zod";
import { Health } from "../../contract/discovery.js";
import { Lab, type NewLab } from "../../contract/lab.js";
import { OfferedTemplate } from "../../contract/template.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

export function labsClient(http: Http) {
  return {
    list: (query: PageQuery = {}) => http.get("/v1/labs", { query: { ...query }, expect: pageOf(Lab) }),
    get: (id: string) => http.get(path`/v1/labs/${id}`, { expect: dataOf(Lab) }),
    create: (draft: NewLab) => http.post("/v1/labs", { body: draft, expect: dataOf(Lab) }),
    /** With everything in it; `confirm` is its slug. */
    delete: (id: string, confirm: string) =>
      http.delete(path`/v1/labs/${id}`, { query: { confirm }, expect: z.unknown() }),
    health: () => http.get("/v1/health", { expect: Health }),
    templates: (labId: string) =>
      http.get("/v1/experiments/templates", { query: { labId }, expect: pageOf(OfferedTemplate) }),
  };
}
