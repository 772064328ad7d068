import { v } from "convex/values";
import { z } from "zod";
import { type ExperimentPatch, ExperimentStatus, type NewExperiment } from "../../contract/experiment.js";
import { askInLab } from "../access/asking.js";
import { parseOrRefuse } from "../refusal.js";
import { listQueues } from "../routes/queues.js";
import { clampLimit, defineMutation, defineQuery, watchExperiment } from "./define.js";
import { functionOf } from "./from-route.js";

const PageFilter = z.object({
  status: ExperimentStatus.optional(),
  projectId: z.string().optional(),
  cursor: z.string().optional(),
});

const windowLimit = { most: 1000, otherwise: 200 };

const pageLimit = { most: 100, otherwise: 50 };

/**
 * Every unfinished experiment and the newest `limit` finished ones, newest first. With a filter or a cursor, which is the `_id` of the
 * last one seen: a page of what there is, as GET /v1/experiments has it.
 */
export const list = defineQuery({
  needs: "experiments:read",
  args: {
    labId: v.optional(v.string()),
    limit: v.optional(v.number()),
    status: v.optional(v.string()),
    projectId: v.optional(v.string()),
    cursor: v.optional(v.string()),
  },
  topics: () => ["experiments"],
  async handler({ services }, { labId: ref, limit, ...wanted }) {
    const labId = await services.labs.idOf(ref);
    if (Object.keys(wanted).length === 0) return services.experiments.window(labId, clampLimit(limit, windowLimit));
    const filter = parseOrRefuse(PageFilter, wanted);
    return (await services.experiments.list({ labId, limit: clampLimit(limit, pageLimit), ...filter })).rows;
  },
});

/**
 * One experiment. `experimentId` is a document id or a display id, here and everywhere; with `labId` (id or slug) a display id is that
 * lab's, for whoever sees several.
 */
export const get = defineQuery({
  needs: "experiments:read",
  args: { experimentId: v.string(), labId: v.optional(v.string()) },
  handler: async (context, { experimentId, labId }) => {
    const { experiments, labs } = context.services;
    const read = async () =>
      experiments.get(await watchExperiment(context, experimentId, (id) => [`experiment:${id}`]));
    return labId === undefined ? read() : askInLab(await labs.idOf(labId), read);
  },
});

const draft = {
  labId: v.optional(v.string()),
  title: v.string(),
  projectId: v.optional(v.string()),
  experimentId: v.optional(v.string()),
  computeMode: v.optional(v.string()),
  config: v.optional(v.any()),
  template: v.optional(v.string()),
  priority: v.optional(v.string()),
  estimatedSeconds: v.optional(v.number()),
  draft: v.optional(v.boolean()),
  status: v.optional(v.string()),
  queue: v.optional(v.string()),
  dependsOn: v.optional(v.array(v.string())),
  parent: v.optional(v.string()),
};

/** The fields of POST /v1/experiments; the service checks them. */
export const create = defineMutation({
  needs: "experiments:write",
  args: draft,
  handler: async ({ services }, args) => {
    const labId = await services.labs.idOf(args.labId);
    return services.experiments.create({ ...args, labId } as NewExperiment);
  },
});

export const patch = defineMutation({
  needs: "experiments:write",
  args: {
    experimentId: v.string(),
    title: v.optional(v.string()),
    status: v.optional(v.string()),
    result: v.optional(v.string()),
    priority: v.optional(v.string()),
    projectId: v.optional(v.union(v.string(), v.null())),
    message: v.optional(v.string()),
    config: v.optional(v.any()),
    computeMode: v.optional(v.string()),
    estimatedSeconds: v.optional(v.union(v.number(), v.null())),
    queue: v.optional(v.union(v.string(), v.null())),
    dependsOn: v.optional(v.array(v.string())),
  },
  handler: ({ services }, { experimentId, ...changes }) =>
    services.experiments.patch(experimentId, changes as ExperimentPatch),
});

const byId = { experimentId: v.string() };

export const cancel = defineMutation({
  needs: "experiments:write",
  args: byId,
  handler: ({ services }, { experimentId }) => services.experiments.cancel(experimentId),
});

export const restart = defineMutation({
  needs: "experiments:write",
  args: byId,
  handler: ({ services }, { experimentId }) => services.experiments.restart(experimentId),
});

export const remove = defineMutation({
  needs: "experiments:write",
  args: byId,
  handler: ({ services }, { experimentId }) => services.experiments.remove(experimentId),
});

/** Another name of `queues:list`. */
export const queues = functionOf(listQueues);
