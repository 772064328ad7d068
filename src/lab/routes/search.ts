import { z } from "zod";
import { sampleIds } from "../../contract/sample-ids.js";
import { SearchResults } from "../../contract/search.js";
import { defineOperation } from "../http/route.js";

export const search = defineOperation({
  method: "get",
  path: "/v1/search",
  needs: "labs:read",
  summary: "Everything of a lab whose words begin like those of `q`, at most five of each kind",
  query: z.object({
    labId: z.string().min(1),
    /** Two characters at least: fewer find nothing. Every word has to be found. */
    q: z.string().max(200),
    /** Of each kind. */
    limit: z.coerce.number().int().min(1).max(20).default(5),
  }),
  result: SearchResults,
  call: { path: "search:search", kind: "query" },
  example: { query: { labId: sampleIds.lab, q: "planck" } },
  handle: async ({ search }, { query }) => ({ data: await search.search(query) }),
});
