import type { Http } from "../http/http.js";
import { activityClient } from "./activity.js";
import { agentsClient } from "./agents.js";
import { backupsClient } from "./backups.js";
import { batchesClient } from "./batches.js";
import { costsClient } from "./costs.js";
import { experimentsClient } from "./experiments.js";
import { figuresClient } from "./figures.js";
import { filesClient } from "./files.js";
import { keysClient } from "./keys.js";
import { labsClient } from "./labs.js";
import { papersClient } from "./papers.js";
import { podsClient } from "./pods.js";
import { projectsClient } from "./projects.js";
import { qcClient } from "./qc.js";
import { queuesClient } from "./queues.js";
import { searchClient } from "./search.js";
import { settingsClient } from "./settings.js";
import { tasksClient } from "./tasks.js";
import { telemetryClient } from "./telemetry.js";
import { templatesClient } from "./templates.js";
import { webhooksClient } from "./webhooks.js";

/** The resources of the Hubify Labs REST API, under the names its documented SDK uses. */
export function hubifyClient(http: Http) {
  return {
    labs: labsClient(http),
    experiments: experimentsClient(http),
    templates: templatesClient(http),
    queues: queuesClient(http),
    batches: batchesClient(http),
    qc: qcClient(http),
    projects: projectsClient(http),
    tasks: tasksClient(http),
    agents: agentsClient(http),
    papers: papersClient(http),
    figures: figuresClient(http),
    files: filesClient(http),
    pods: podsClient(http),
    telemetry: telemetryClient(http),
    costs: costsClient(http),
    activity: activityClient(http),
    search: searchClient(http),
    settings: settingsClient(http),
    webhooks: webhooksClient(http),
    keys: keysClient(http),
    backups: backupsClient(http),
  };
}
