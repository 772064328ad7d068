import { z } from "zod";
import {
  NewPaper,
  NewPaperVersion,
  Paper,
  PaperPatch,
  PaperStatus,
  PaperVersion,
  PaperVersionContent,
} from "../../contract/paper.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

const params = z.object({ paperId: z.string() });
const page = { limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().optional() };
const example = { params: { paperId: sampleIds.paper } };
/** JSON may write a character of the content as six. */
const maxVersionBodyBytes = 8 * 2 ** 20;

export const createPaper = defineOperation({
  method: "post",
  path: "/v1/papers",
  needs: "papers:write",
  summary: "Begin a paper",
  body: NewPaper,
  result: Paper,
  status: 201,
  call: { path: "papers:create", kind: "mutation" },
  example: { body: { labId: sampleIds.lab, title: "Evolving dark energy from DESI DR2", authors: ["A. Author"] } },
  handle: async ({ papers }, { body }) => ({ data: await papers.create(body) }),
});

export const listPapers = defineOperation({
  method: "get",
  path: "/v1/papers",
  needs: "papers:read",
  summary: "Papers of a lab, newest first",
  query: z.object({
    labId: z.string().min(1),
    status: PaperStatus.optional(),
    projectId: z.string().optional(),
    ...page,
  }),
  result: z.array(Paper),
  call: { path: "papers:list", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  async handle({ papers }, { query }) {
    const { rows, nextCursor, hasMore } = await papers.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const getPaper = defineOperation({
  method: "get",
  path: "/v1/papers/{paperId}",
  needs: "papers:read",
  summary: "One paper",
  params,
  result: Paper,
  call: { path: "papers:get", kind: "query" },
  example: example,
  handle: async ({ papers }, { params: { paperId } }) => ({ data: await papers.get(paperId) }),
});

export const patchPaper = defineOperation({
  method: "patch",
  path: "/v1/papers/{paperId}",
  needs: "papers:write",
  summary: "Change fields of a paper; the others stay",
  params,
  body: PaperPatch,
  result: Paper,
  call: { path: "papers:patch", kind: "mutation" },
  example: { ...example, body: { status: "in_review", readiness: 0.9 } },
  handle: async ({ papers }, { params: { paperId }, body }) => ({ data: await papers.patch(paperId, body) }),
});

export const deletePaper = defineOperation({
  method: "delete",
  path: "/v1/papers/{paperId}",
  needs: "papers:write",
  summary: "Delete a paper and its versions; its figures stay",
  params,
  result: z.object({ id: z.string(), slug: z.string(), deleted: z.literal(true) }),
  call: { path: "papers:remove", kind: "mutation" },
  example: { params: { paperId: sampleIds.retiredPaper } },
  handle: async ({ papers }, { params: { paperId } }) => ({
    data: { ...(await papers.remove(paperId)), deleted: true },
  }),
});

export const listPaperVersions = defineOperation({
  method: "get",
  path: "/v1/papers/{paperId}/versions",
  needs: "papers:read",
  summary: "Versions of a paper, newest first, without their content",
  params,
  query: z.object(page),
  result: z.array(PaperVersion),
  call: { path: "papers:versions", kind: "query" },
  example,
  async handle({ papers }, { params: { paperId }, query }) {
    const { rows, nextCursor, hasMore } = await papers.versions(paperId, query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const recordPaperVersion = defineOperation({
  method: "post",
  path: "/v1/papers/{paperId}/versions",
  needs: "papers:write",
  summary: "Record a version; the same content as the newest version's makes no new one",
  params,
  body: NewPaperVersion,
  maxBodyBytes: maxVersionBodyBytes,
  result: PaperVersion,
  status: 201,
  call: { path: "papers:recordVersion", kind: "mutation" },
  example: { ...example, body: { content: "# Evolving dark energy", note: "first draft", editor: "alpha" } },
  handle: async ({ papers }, { params: { paperId }, body }) => ({ data: await papers.record(paperId, body) }),
});

export const getPaperVersion = defineOperation({
  method: "get",
  path: "/v1/papers/{paperId}/versions/{version}",
  needs: "papers:read",
  summary: "One version with its content",
  params: params.extend({ version: z.coerce.number().int().min(1) }),
  result: PaperVersionContent,
  call: { path: "papers:version", kind: "query" },
  example: { params: { ...example.params, version: "1" } },
  handle: async ({ papers }, { params: { paperId, version } }) => ({ data: await papers.version(paperId, version) }),
});
