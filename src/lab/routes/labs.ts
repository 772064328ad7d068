import { z } from "zod";
import { LabDocument, LabPatch, LabStatus, NewLab } from "../../contract/lab.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

/** Document id or slug. */
const params = z.object({ labId: z.string().min(1) });

export const listLabs = defineOperation({
  method: "get",
  path: "/v1/labs",
  needs: "labs:read",
  summary: "The labs that the caller sees, oldest first",
  query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().optional() }),
  result: z.array(LabDocument),
  call: { path: "labs:list", kind: "query" },
  example: { query: { limit: 20 } },
  async handle({ labs }, { query }) {
    const { rows, nextCursor, hasMore } = await labs.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const createLab = defineOperation({
  method: "post",
  path: "/v1/labs",
  needs: "labs:admin",
  summary: "Make a lab; for keys that reach every lab of the server",
  body: NewLab,
  result: LabDocument,
  status: 201,
  call: { path: "labs:create", kind: "mutation" },
  example: { body: { name: "Early dark energy", template: "cosmology", visibility: "private" } },
  handle: async ({ labs }, { body }) => ({ data: await labs.create(body) }),
});

export const getLab = defineOperation({
  method: "get",
  path: "/v1/labs/{labId}",
  needs: "labs:read",
  summary: "One lab, by id or slug",
  params,
  result: LabDocument,
  call: { path: "labs:get", kind: "query" },
  example: { params: { labId: sampleIds.labSlug } },
  handle: async ({ labs }, { params: { labId } }) => ({ data: await labs.get(labId) }),
});

export const patchLab = defineOperation({
  method: "patch",
  path: "/v1/labs/{labId}",
  needs: "labs:admin",
  summary: "Rename a lab, change its slug, visibility or description; the others stay",
  params,
  body: LabPatch,
  result: LabDocument,
  call: { path: "labs:patch", kind: "mutation" },
  example: { params: { labId: sampleIds.labSlug }, body: { description: "Does dark energy evolve?" } },
  handle: async ({ labs }, { params: { labId }, body }) => ({ data: await labs.patch(labId, body) }),
});

export const deleteLab = defineOperation({
  method: "delete",
  path: "/v1/labs/{labId}",
  needs: "labs:admin",
  summary: "Delete a lab with everything in it; `confirm` is its slug, and nothing may run in it",
  params,
  query: z.object({ confirm: z.string().optional() }),
  result: z.object({ id: z.string(), slug: z.string(), deleted: z.literal(true) }),
  // In many transactions: a lab may have a million experiments.
  call: { path: "labs:remove", kind: "action" },
  example: { params: { labId: sampleIds.otherLabSlug }, query: { confirm: sampleIds.otherLabSlug } },
  handle: async ({ labs }, { params: { labId }, query }) => ({
    data: { ...(await labs.remove(labId, query.confirm)), deleted: true },
  }),
});

export const labStatus = defineOperation({
  method: "get",
  path: "/v1/labs/{slug}/status",
  needs: "labs:read",
  summary:
    "What runs and waits in a lab, its agents, pods and papers, in the words of the MCP resource hubify://lab/status",
  params: z.object({ slug: z.string().min(1) }),
  result: LabStatus,
  call: { path: "labs:status", kind: "query" },
  example: { params: { slug: sampleIds.labSlug } },
  handle: async ({ labs }, { params: { slug } }) => ({ data: await labs.status(slug) }),
});
