import { z } from "zod";
import { Figure, FigurePatch, NewFigure } from "../../contract/figure.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation, defineRoute, type RouteContext, type RouteInput } from "../http/route.js";
import { sendFile } from "../http/send-file.js";

const params = z.object({ figureId: z.string() });
const page = { limit: z.coerce.number().int().min(1).max(100).default(50), cursor: z.string().optional() };
const example = { params: { figureId: sampleIds.figure } };
const sampleSvg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>';

export const listFigures = defineOperation({
  method: "get",
  path: "/v1/figures",
  needs: "papers:read",
  summary: "Figures of a lab, newest first; of one experiment or paper where named",
  query: z.object({
    labId: z.string().min(1),
    paperId: z.string().optional(),
    experimentId: z.string().optional(),
    ...page,
  }),
  result: z.array(Figure),
  call: { path: "figures:list", kind: "query" },
  example: { query: { labId: sampleIds.lab, limit: 5 } },
  async handle({ figures }, { query }) {
    const { rows, nextCursor, hasMore } = await figures.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const createFigure = defineRoute({
  method: "post",
  path: "/v1/figures",
  needs: "papers:write",
  summary: "Upload a figure: multipart/form-data with labId, title and file (PNG, JPG, SVG, PDF or WebP)",
  form: NewFigure,
  result: Figure,
  status: 201,
  example: { form: { labId: sampleIds.lab, title: "w0-wa plane", file: sampleSvg } },
  handle: async ({ services }, { http }) => ({ data: await services.figures.upload(http.req.raw) }),
});

export const getFigure = defineOperation({
  method: "get",
  path: "/v1/figures/{figureId}",
  needs: "papers:read",
  summary: "One figure, without its bytes",
  params,
  result: Figure,
  call: { path: "figures:get", kind: "query" },
  example,
  handle: async ({ figures }, { params: { figureId } }) => ({ data: await figures.get(figureId) }),
});

export const patchFigure = defineOperation({
  method: "patch",
  path: "/v1/figures/{figureId}",
  needs: "papers:write",
  summary: "Change what is told about a figure; null takes a value away",
  params,
  body: FigurePatch,
  result: Figure,
  call: { path: "figures:update", kind: "mutation" },
  example: { ...example, body: { caption: "Posterior of w0 and wa, 68 % and 95 %" } },
  handle: async ({ figures }, { params: { figureId }, body }) => ({ data: await figures.patch(figureId, body) }),
});

export const deleteFigure = defineOperation({
  method: "delete",
  path: "/v1/figures/{figureId}",
  needs: "papers:write",
  summary: "Delete a figure",
  params,
  result: z.object({ id: z.string(), deleted: z.literal(true) }),
  call: { path: "figures:remove", kind: "mutation" },
  example,
  async handle({ figures }, { params: { figureId } }) {
    const { id } = await figures.remove(figureId);
    return { data: { id, deleted: true } };
  },
});

type Asked = Pick<RouteInput<{ figureId: string }, unknown, unknown>, "params" | "http">;

async function sendFigure({ services }: RouteContext, { params, http }: Asked, disposition: "attachment" | "inline") {
  const { figure, file } = await services.figures.content(params.figureId);
  const missing = `The file of figure ${figure.id} is gone.`;
  const { fileName, mimeType, sha256 } = figure;
  return sendFile(http, { file, fileName, mimeType, sha256, disposition, missing });
}

export const downloadFigure = defineRoute({
  method: "get",
  path: "/v1/figures/{figureId}/download",
  needs: "papers:read",
  summary: "The file of a figure, to be saved; takes Range",
  params,
  result: z.string().describe("the bytes"),
  example,
  handle: (context, input) => sendFigure(context, input, "attachment"),
});

export const figureImage = defineRoute({
  method: "get",
  path: "/v1/figures/{figureId}/image",
  needs: "papers:read",
  summary: "The file of a figure, to be shown; nothing in it can run",
  params,
  result: z.string().describe("the bytes"),
  example,
  handle: (context, input) => sendFigure(context, input, "inline"),
});

export const gallery = defineOperation({
  method: "get",
  path: "/v1/labs/{slug}/gallery",
  needs: "papers:read",
  summary: "Every figure of a lab, newest first, with the addresses of its images",
  params: z.object({ slug: z.string() }),
  query: z.object(page),
  result: z.array(Figure),
  call: { path: "labs:gallery", kind: "query" },
  example: { params: { slug: sampleIds.labSlug }, query: { limit: 5 } },
  async handle({ figures }, { params: { slug }, query }) {
    const { rows, nextCursor, hasMore } = await figures.list({ labId: slug, ...query });
    return { data: rows, nextCursor, hasMore };
  },
});
