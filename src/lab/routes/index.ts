import type { Route } from "../http/route.js";
import { listActivity } from "./activity.js";
import { costs, experimentCosts, podCosts } from "./costs.js";
import { downloadExperimentLog, experimentLogs } from "./experiment-logs.js";
import { getQc, overrideQc, rerunQc } from "./experiment-qc.js";
import * as experiments from "./experiments.js";
import { health } from "./health.js";
import * as labs from "./labs.js";
import * as pods from "./pods.js";
import { search } from "./search.js";
import { getSettings, patchSettings } from "./settings.js";
import { telemetry } from "./telemetry.js";
import * as templates from "./templates.js";
import * as webhooks from "./webhooks.js";

/** Every REST route. A fixed path comes before a pattern that would take it. */
export const routes: readonly Route[] = [
  health,
  labs.listLabs,
  labs.createLab,
  labs.getLab,
  labs.patchLab,
  labs.deleteLab,
  labs.labStatus,
  getSettings,
  patchSettings,
  experiments.createExperiment,
  experiments.listExperiments,
  templates.listTemplates,
  templates.createTemplate,
  templates.getTemplate,
  templates.patchTemplate,
  templates.deleteTemplate,
  experimentCosts,
  experiments.getExperiment,
  experiments.patchExperiment,
  experiments.deleteExperiment,
  experiments.cancelExperiment,
  experiments.restartExperiment,
  experiments.experimentMetrics,
  getQc,
  rerunQc,
  overrideQc,
  experimentLogs,
  downloadExperimentLog,
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
  search,
  webhooks.createWebhook,
  webhooks.listWebhooks,
  webhooks.getWebhook,
  webhooks.patchWebhook,
  webhooks.testWebhook,
  webhooks.webhookDeliveries,
  webhooks.redeliver,
  webhooks.deleteWebhook,
];
