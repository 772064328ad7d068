import { Paper } from "../../contract/paper.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, type PageQuery, pageOf } from "./envelope.js";

/** Papers with the versions that the pipeline records. `ref` is a slug or a document id. */
export function papersClient(http: Http) {
  return {
    list: (query: PageQuery & { labId: string; status?: string | undefined; projectId?: string | undefined }) =>
      http.get("/v1/papers", { query: { ...query }, expect: pageOf(Paper) }),
    get: (ref: string) => http.get(path`/v1/papers/${ref}`, { expect: dataOf(Paper) }),
  };
}
