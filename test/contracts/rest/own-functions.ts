import { sampleIds } from "../../../src/contract/sample-ids.js";

const { experiment: experimentId, queuedExperiment, lab: labId, pod: podId } = sampleIds;
const ofQueued = { experimentId: queuedExperiment };

/** Arguments of the functions that are no route's, with the ids of the examples; of those that have a route too, what it is told. */
export const ownExamples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "experiments:list": { labId, limit: 5 },
  "experiments:get": { experimentId },
  "experiments:create": { labId, title: "MCMC chain convergence test", config: { command: "true" }, priority: "high" },
  "experiments:patch": { ...ofQueued, priority: "critical" },
  "experiments:cancel": ofQueued,
  "experiments:restart": { experimentId: sampleIds.resumableExperiment },
  "experiments:remove": { experimentId },
  "experiments:queues": { labId },
  "experiments:templates": { labId },
  "experiments:getLogs": { experimentId, limit: 10 },
  "experimentLogs:list": { experimentId, limit: 10, level: "info" },
  "experimentLogs:query": { experimentId, q: "step" },
  "experimentLogs:since": { experimentId, after: -1 },
  "experimentLogs:head": { experimentId },
  "experimentLogs:page": { experimentId, paginationOpts: { numItems: 5, cursor: null } },
  "experimentMetrics:list": { experimentId },
  "experimentMetrics:series": { experimentId, name: "chain.rminus1" },
  "pods:list": { labId },
  "pods:providers": {},
  "pods:stock": {},
  "pods:create": { labId, gpuType: "H200", gpuCount: 1, maxHours: 24, env: { EXPERIMENT_ID: experimentId } },
  "pods:patch": { podId, name: "planck-chains" },
  "pods:start": { podId },
  "pods:stop": { podId },
  "pods:restart": { podId },
  "pods:terminate": { podId, discardOutputs: true },
  "pods:deploy": { podId, experimentId: queuedExperiment },
  "pods:fetchOutputs": { podId },
  "telemetry:recent": { labId, sinceMs: 0 },
  "telemetry:latest": { labId },
  "costs:summary": { labId },
  "costs:pods": { labId, month: "current" },
  "costs:experiments": { labId },
  "settings:get": { labId },
  "settings:update": { labId, changes: { idleAlertMinutes: 30 } },
  "settings:patch": { labId, idleAlertMinutes: 30 },
};
