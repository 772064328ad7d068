import { z } from "zod";
import { FetchedOutputs, OutputFile } from "../../contract/output.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation, defineRoute } from "../http/route.js";
import { createArchives } from "../http/send-archive.js";
import { sendFile } from "../http/send-file.js";

const params = z.object({ experimentId: z.string().min(1) });
/** The current one where there is none. */
const attempt = z.coerce.number().int().min(1).optional();
const archives = createArchives();

export const listOutputs = defineOperation({
  method: "get",
  path: "/v1/experiments/{experimentId}/outputs",
  needs: "experiments:read",
  summary: "Files that an attempt left, by path; then those that are still on its pod, with the reason",
  params,
  query: z.object({
    attempt,
    limit: z.coerce.number().int().min(1).max(100).default(50),
    cursor: z.string().optional(),
  }),
  result: z.array(OutputFile),
  call: { path: "experiments:outputs", kind: "query" },
  example: { params: { experimentId: sampleIds.experiment } },
  async handle({ outputs }, { params: { experimentId }, query }) {
    const { rows, nextCursor, hasMore } = await outputs.list(experimentId, query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const fetchOutputs = defineOperation({
  method: "post",
  path: "/v1/experiments/{experimentId}/outputs/fetch",
  needs: "experiments:write",
  summary: "Bring home what is only on the pod, however large",
  params,
  query: z.object({ attempt }),
  result: FetchedOutputs,
  call: { path: "experiments:fetchOutputs", kind: "action" },
  example: { params: { experimentId: sampleIds.experiment } },
  handle: async ({ outputs }, { params: { experimentId }, query }) => ({
    data: await outputs.fetch(experimentId, query.attempt),
  }),
});

export const archiveOutputs = defineRoute({
  method: "get",
  path: "/v1/experiments/{experimentId}/outputs.tar.gz",
  needs: "experiments:read",
  summary: "Everything that an attempt left, as one tar.gz",
  params,
  query: z.object({ attempt }),
  result: z.string().describe("the bytes of the archive"),
  example: { params: { experimentId: sampleIds.experiment } },
  handle: async ({ services }, { params: { experimentId }, query }) =>
    archives.send(await services.outputs.archive(experimentId, query.attempt)),
});

/** What a browser shows by itself, and where that can do no harm. */
const shown = /^(image\/(png|jpeg|webp|svg\+xml)|application\/pdf|text\/plain)$/;

export const downloadOutput = defineRoute({
  method: "get",
  path: "/v1/experiments/{experimentId}/outputs/{filePath}",
  needs: "experiments:read",
  summary: "One file of an attempt; takes Range. Slashes of its path may be written as they are",
  params: params.extend({ filePath: z.string().min(1) }),
  query: z.object({ attempt }),
  result: z.string().describe("the bytes"),
  example: { params: { experimentId: sampleIds.experiment, filePath: "summary.json" } },
  async handle({ services }, { params: { experimentId, filePath }, query, http }) {
    const { absolute, name, mimeType, size, modifiedAt } = await services.outputs.file(
      experimentId,
      filePath,
      query.attempt,
    );
    return sendFile(http, {
      file: absolute,
      fileName: name,
      mimeType: mimeType.startsWith("text/") ? `${mimeType}; charset=utf-8` : mimeType,
      // A name for this state of the file; hashing gigabytes to answer is no option.
      sha256: `${size.toString(36)}-${modifiedAt.toString(36)}`,
      disposition: shown.test(mimeType) ? "inline" : "attachment",
      missing: `${filePath} is gone.`,
    });
  },
});
