import { Project } from "../../contract/project.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

/** What a lab wants to find out. `ref` is a slug or a document id. */
export function projectsClient(http: Http) {
  return {
    list: (query: PageQuery & { labId: string; status?: string | undefined }) =>
      http.get("/v1/projects", { query: { ...query }, expect: pageOf(Project) }),
    get: (ref: string) => http.get(path`/v1/projects/${ref}`, { expect: dataOf(Project) }),
  };
}
