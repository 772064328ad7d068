import { z } from "zod";
import { LabTemplate, type NewTemplate } from "../../contract/template.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

/** Templates of experiments: the built-in ones and a lab's own. `ref` is a name, with the lab, or a document id. */
export function templatesClient(http: Http) {
  const one = dataOf(LabTemplate);
  return {
    list: (query: PageQuery & { labId: string }) =>
      http.get("/v1/experiments/templates", { query: { ...query }, expect: pageOf(LabTemplate) }),
    get: (ref: string, labId?: string) =>
      http.get(path`/v1/experiments/templates/${ref}`, { query: { labId }, expect: one }),
    create: (draft: NewTemplate) => http.post("/v1/experiments/templates", { body: draft, expect: one }),
    delete: (ref: string, labId?: string) =>
      http.delete(path`/v1/experiments/templates/${ref}`, { query: { labId }, expect: z.unknown() }),
  };
}
