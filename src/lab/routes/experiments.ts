import { z } from "zod";
import { Experiment, ExperimentPatch, ExperimentStatus, NewExperiment } from "../../contract/experiment.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineRoute } from "../http/route.js";

const params = z.object({ id: z.string() });

export const createExperiment = defineRoute({
  method: "post",
  path: "/v1/experiments",
  needs: "experiments:write",
  waits: false,
  summary: "Queue an experiment",
  body: NewExperiment,
  result: Experiment,
  status: 201,
  example: {
    body: {
      labId: sampleIds.lab,
      title: "MCMC chain convergence test",
      template: "mcmc",
      config: { max_samples: 50_000, chains: 4, rminus1_stop: 0.01 },
      priority: "high",
    },
  },
  handle: async ({ services }, { body }) => ({ data: await services.experiments.create(body) }),
});

export const listExperiments = defineRoute({
  method: "get",
  path: "/v1/experiments",
  needs: "experiments:read",
  summary: "Experiments, newest first",
  query: z.object({
    labId: z.string().min(1),
    status: ExperimentStatus.optional(),
    projectId: z.string().optional(),
    limit: z.coerce.number().int().min(1).max(100).default(50),
    cursor: z.string().optional(),
  }),
  result: z.array(Experiment),
  example: { query: { labId: sampleIds.lab, status: "pass", limit: 20 } },
  async handle({ services }, { query }) {
    const { rows, nextCursor, hasMore } = await services.experiments.list(query);
    return { data: rows, nextCursor, hasMore };
  },
});

export const getExperiment = defineRoute({
  method: "get",
  path: "/v1/experiments/{id}",
  needs: "experiments:read",
  summary: "One experiment",
  params,
  result: Experiment,
  example: { params: { id: sampleIds.experiment } },
  handle: async ({ services }, { params: { id } }) => ({ data: await services.experiments.get(id) }),
});

export const patchExperiment = defineRoute({
  method: "patch",
  path: "/v1/experiments/{id}",
  needs: "experiments:write",
  waits: false,
  summary: "Change title, result or priority, or move it to another status",
  params,
  body: ExperimentPatch,
  result: Experiment,
  example: { params: { id: sampleIds.queuedExperiment }, body: { priority: "critical" } },
  handle: async ({ services }, { params: { id }, body }) => ({ data: await services.experiments.patch(id, body) }),
});

export const deleteExperiment = defineRoute({
  method: "delete",
  path: "/v1/experiments/{id}",
  needs: "experiments:write",
  waits: false,
  summary: "Delete an experiment and its logs; the files it made stay",
  params,
  result: z.object({ id: z.string(), experimentId: z.string(), deleted: z.literal(true) }),
  example: { params: { id: sampleIds.experiment } },
  async handle({ services }, { params: { id } }) {
    const { _id, experimentId } = await services.experiments.get(id);
    await services.experiments.remove(_id);
    return { data: { id: _id, experimentId, deleted: true } };
  },
});

export const cancelExperiment = defineRoute({
  method: "post",
  path: "/v1/experiments/{id}/cancel",
  needs: "experiments:write",
  waits: false,
  summary: "Stop it, or take it out of the queue; twice is safe",
  params,
  result: Experiment,
  example: { params: { id: sampleIds.queuedExperiment } },
  handle: async ({ services }, { params: { id } }) => ({ data: await services.experiments.cancel(id) }),
});

export const restartExperiment = defineRoute({
  method: "post",
  path: "/v1/experiments/{id}/restart",
  needs: "experiments:write",
  waits: false,
  summary: "Queue a failed one again; one that passed is copied",
  params,
  result: Experiment,
  example: { params: { id: sampleIds.resumableExperiment } },
  handle: async ({ services }, { params: { id } }) => ({ data: await services.experiments.restart(id) }),
});
