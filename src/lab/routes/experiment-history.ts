import { z } from "zod";
import {
  Attempt,
  Checkpoint,
  Experiment,
  ExperimentCopy,
  StatusChange,
  StatusMove,
} from "../../contract/experiment.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

const params = z.object({ experimentId: z.string() });
const example = { params: { experimentId: sampleIds.experiment } };

export const listStatuses = defineOperation({
  method: "get",
  path: "/v1/experiments/{experimentId}/statuses",
  needs: "experiments:read",
  summary: "Every change of its status, the oldest first: who, when, why",
  params,
  result: z.array(StatusChange),
  call: { path: "experiments:statuses", kind: "query" },
  example,
  handle: async ({ experiments }, { params: { experimentId } }) => ({
    data: await experiments.statuses(experimentId),
    nextCursor: null,
    hasMore: false,
  }),
});

export const moveExperiment = defineOperation({
  method: "post",
  path: "/v1/experiments/{experimentId}/statuses",
  needs: "experiments:write",
  summary: "Move it to another status, with a message for its history; what it may become is in the refusal",
  params,
  body: StatusMove,
  result: Experiment,
  call: { path: "experiments:move", kind: "mutation" },
  example: {
    params: { experimentId: sampleIds.queuedExperiment },
    body: { status: "blocked", message: "waits for the new covariance" },
  },
  handle: async ({ experiments }, { params: { experimentId }, body }) => ({
    data: await experiments.move(experimentId, body),
  }),
});

export const listAttempts = defineOperation({
  method: "get",
  path: "/v1/experiments/{experimentId}/attempts",
  needs: "experiments:read",
  summary: "Every start of it, the newest first, with how it ended",
  params,
  result: z.array(Attempt),
  call: { path: "experiments:attempts", kind: "query" },
  example,
  handle: async ({ experiments }, { params: { experimentId } }) => ({
    data: await experiments.attempts(experimentId),
    nextCursor: null,
    hasMore: false,
  }),
});

export const listCheckpoints = defineOperation({
  method: "get",
  path: "/v1/experiments/{experimentId}/checkpoints",
  needs: "experiments:read",
  summary: "What its runs left to go on from, the newest first",
  params,
  result: z.array(Checkpoint),
  call: { path: "experiments:checkpoints", kind: "query" },
  example,
  handle: async ({ checkpoints }, { params: { experimentId } }) => ({
    data: await checkpoints.list(experimentId),
    nextCursor: null,
    hasMore: false,
  }),
});

export const resumeExperiment = defineOperation({
  method: "post",
  path: "/v1/experiments/{experimentId}/resume",
  needs: "experiments:write",
  summary: "Queue a failed one again; it goes on from its newest checkpoint, or from the one that is named",
  params,
  body: z.object({
    /** Id, path or name. */
    checkpoint: z.string().min(1).optional(),
    message: z.string().trim().min(1).max(2000).optional(),
  }),
  result: Experiment,
  call: { path: "experiments:resume", kind: "mutation" },
  example: { params: { experimentId: sampleIds.resumableExperiment }, body: {} },
  handle: async ({ checkpoints }, { params: { experimentId }, body: { checkpoint, message } }) => ({
    data: await checkpoints.resume(experimentId, checkpoint, message),
  }),
});

export const copyExperiment = defineOperation({
  method: "post",
  path: "/v1/experiments/{experimentId}/copy",
  needs: "experiments:write",
  summary: "A new experiment like this one, with what the body says; its config is merged into that of this one",
  params,
  body: ExperimentCopy,
  result: Experiment,
  status: 201,
  call: { path: "experiments:copy", kind: "mutation" },
  example: { ...example, body: { title: "The same with another seed", config: { seed: 2 }, draft: true } },
  handle: async ({ experiments }, { params: { experimentId }, body }) => ({
    data: await experiments.copy(experimentId, body),
  }),
});

export const listChildren = defineOperation({
  method: "get",
  path: "/v1/experiments/{experimentId}/children",
  needs: "experiments:read",
  summary: "Those that go on from its outputs, newest first",
  params,
  query: z.object({
    limit: z.coerce.number().int().min(1).max(100).default(50),
    cursor: z.string().optional(),
  }),
  result: z.array(Experiment),
  call: { path: "experiments:children", kind: "query" },
  example,
  async handle({ experiments }, { params: { experimentId }, query }) {
    const { rows, nextCursor, hasMore } = await experiments.children(experimentId, query);
    return { data: rows, nextCursor, hasMore };
  },
});
