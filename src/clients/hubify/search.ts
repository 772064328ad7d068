import { SearchResults } from "../../contract/search.js";
import type { Http } from "../http/http.js";
import { dataOf } from "./envelope.js";

/** Words in whatever a lab has; each must be found. */
export function searchClient(http: Http) {
  return {
    search: (query: { labId: string; q: string; limit?: number | undefined }) =>
      http.get("/v1/search", { query: { ...query }, expect: dataOf(SearchResults) }),
  };
}
