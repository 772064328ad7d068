import { z } from "zod";
import { Lab } from "../../contract/lab.js";
import { defineRoute } from "../http/route.js";

export const listLabs = defineRoute({
  method: "get",
  path: "/v1/labs",
  needs: "labs:read",
  summary: "The labs of this data directory",
  result: z.array(Lab),
  handle: async ({ services }) => ({ data: await services.labs.list(), nextCursor: null, hasMore: false }),
});

export const getLab = defineRoute({
  method: "get",
  path: "/v1/labs/{id}",
  needs: "labs:read",
  summary: "One lab, by id or slug",
  params: z.object({ id: z.string() }),
  result: Lab,
  handle: async ({ services }, { params }) => ({ data: await services.labs.get(params.id) }),
});
