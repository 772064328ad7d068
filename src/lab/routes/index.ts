import type { Route } from "../http/route.js";
import { listActivity } from "./activity.js";
import { costs, experimentCosts, podCosts } from "./costs.js";
import { experimentLogs } from "./experiment-logs.js";
import * as experiments from "./experiments.js";
import { health } from "./health.js";
import { getLab, listLabs } from "./labs.js";
import * as pods from "./pods.js";
import { getSettings, patchSettings } from "./settings.js";
import { telemetry } from "./telemetry.js";

/** Every REST route. A fixed path comes before a pattern that would take it. */
export const routes: readonly Route[] = [
  health,
  listLabs,
  getLab,
  getSettings,
  patchSettings,
  experiments.createExperiment,
  experiments.listExperiments,
  experiments.listTemplates,
  experimentCosts,
  experiments.getExperiment,
  experiments.patchExperiment,
  experiments.deleteExperiment,
  experiments.cancelExperiment,
  experiments.restartExperiment,
  experiments.experimentMetrics,
  experimentLogs,
  pods.createPod,
  pods.listPods,
  pods.podStock,
  pods.podProviders,
  podCosts,
  pods.getPod,
  pods.patchPod,
  pods.startPod,
  pods.stopPod,
  pods.restartPod,
  pods.terminatePod,
  pods.deployOnPod,
  pods.fetchPodOutputs,
  pods.podSsh,
  pods.podLogs,
  telemetry,
  costs,
  listActivity,
];
