import { z } from "zod";
import { sampleIds } from "../../contract/sample-ids.js";
import { LabTemplate, NewTemplate, TemplatePatch } from "../../contract/template.js";
import { defineOperation } from "../http/route.js";

const params = z.object({
  /** Document id or name; a name means the lab's own template first, then the built-in one. */
  templateId: z.string().min(1),
});
/** Where a name is looked for; without it, in every lab that the caller sees. */
const labId = z.string().min(1).optional();

export const listTemplates = defineOperation({
  method: "get",
  path: "/v1/experiments/templates",
  needs: "experiments:read",
  summary: "What can be run by name: the built-in templates, then the lab's own, oldest first",
  query: z.object({
    labId,
    limit: z.coerce.number().int().min(1).max(100).default(50),
    cursor: z.string().optional(),
  }),
  result: z.array(LabTemplate),
  call: { path: "templates:list", kind: "query" },
  example: { query: { labId: sampleIds.lab } },
  async handle({ templates }, { query }) {
    const { rows, nextCursor, hasMore } = await templates.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const createTemplate = defineOperation({
  method: "post",
  path: "/v1/experiments/templates",
  needs: "experiments:write",
  summary: "Make a template: from its fields, from an experiment (`fromExperiment`), or from both",
  body: NewTemplate,
  result: LabTemplate,
  status: 201,
  call: { path: "templates:create", kind: "mutation" },
  example: {
    body: {
      labId: sampleIds.lab,
      name: "train-gpt",
      title: "Train for {{steps}} steps",
      config: { command: "python3 train.py --steps {{steps}} --optimizer {{optimizer}}", outputs: ["model.pt"] },
      parameters: [
        { name: "steps", type: "integer", default: 1000, min: 1, max: 1_000_000, description: "Optimizer steps." },
        { name: "optimizer", type: "enum", options: ["adamw", "sgd"], default: "adamw" },
      ],
      metricPatterns: [{ name: "perplexity", pattern: "perplexity[ =:]+(?<value>[\\d.]+)" }],
    },
  },
  handle: async ({ templates }, { body }) => ({ data: await templates.create(body) }),
});

export const getTemplate = defineOperation({
  method: "get",
  path: "/v1/experiments/templates/{templateId}",
  needs: "experiments:read",
  summary: "One template",
  params,
  query: z.object({ labId }),
  result: LabTemplate,
  call: { path: "templates:get", kind: "query" },
  example: { params: { templateId: "mcmc" }, query: { labId: sampleIds.lab } },
  handle: async ({ templates }, { params: { templateId }, query }) => ({
    data: await templates.get(templateId, query.labId),
  }),
});

export const patchTemplate = defineOperation({
  method: "patch",
  path: "/v1/experiments/templates/{templateId}",
  needs: "experiments:write",
  summary: "Replace fields of a template; experiments that were made of it before keep what it was then",
  params,
  query: z.object({ labId }),
  body: TemplatePatch,
  result: LabTemplate,
  call: { path: "templates:patch", kind: "mutation" },
  example: {
    params: { templateId: sampleIds.template },
    query: { labId: sampleIds.lab },
    body: { title: "Sweep, wide", estimatedSeconds: 900 },
  },
  handle: async ({ templates }, { params: { templateId }, query, body }) => ({
    data: await templates.patch(templateId, body, query.labId),
  }),
});

export const deleteTemplate = defineOperation({
  method: "delete",
  path: "/v1/experiments/templates/{templateId}",
  needs: "experiments:write",
  summary: "Delete a template; experiments that were made of it go on as before",
  params,
  query: z.object({ labId }),
  result: z.object({ id: z.string(), name: z.string(), deleted: z.literal(true) }),
  call: { path: "templates:remove", kind: "mutation" },
  example: { params: { templateId: sampleIds.retiredTemplate }, query: { labId: sampleIds.lab } },
  async handle({ templates }, { params: { templateId }, query }) {
    const { _id, name } = await templates.remove(templateId, query.labId);
    return { data: { id: _id, name, deleted: true } };
  },
});
