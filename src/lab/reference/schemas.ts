import { z } from "zod";
import * as access from "../../contract/access.js";
import * as activity from "../../contract/activity.js";
import * as agent from "../../contract/agent.js";
import * as apiKey from "../../contract/api-key.js";
import * as backup from "../../contract/backup.js";
import * as batch from "../../contract/batch.js";
import * as cost from "../../contract/cost.js";
import * as discovery from "../../contract/discovery.js";
import * as envelope from "../../contract/envelope.js";
import * as experiment from "../../contract/experiment.js";
import * as figure from "../../contract/figure.js";
import * as file from "../../contract/file.js";
import * as idle from "../../contract/idle.js";
import * as lab from "../../contract/lab.js";
import * as logEntry from "../../contract/log-entry.js";
import * as metrics from "../../contract/metrics.js";
import * as output from "../../contract/output.js";
import * as paper from "../../contract/paper.js";
import * as pod from "../../contract/pod.js";
import * as project from "../../contract/project.js";
import * as provider from "../../contract/provider.js";
import * as qc from "../../contract/qc.js";
import * as queue from "../../contract/queue.js";
import * as session from "../../contract/session.js";
import * as settings from "../../contract/settings.js";
import * as skill from "../../contract/skill.js";
import * as task from "../../contract/task.js";
import * as template from "../../contract/template.js";
import * as webhook from "../../contract/webhook.js";

/** Every module of the contract whose schemas the reference names. */
const modules = {
  access,
  activity,
  agent,
  apiKey,
  backup,
  batch,
  cost,
  discovery,
  envelope,
  experiment,
  figure,
  file,
  idle,
  lab,
  logEntry,
  metrics,
  output,
  paper,
  pod,
  project,
  provider,
  qc,
  queue,
  session,
  settings,
  skill,
  task,
  template,
  webhook,
};

/** Schemas of objects and of lists of words, by the name they are exported under. */
export const namedSchemas: ReadonlyMap<string, z.ZodType> = new Map(
  Object.values(modules).flatMap((module) =>
    Object.entries(module).flatMap(([name, value]: [string, unknown]): [string, z.ZodType][] =>
      value instanceof z.ZodObject || value instanceof z.ZodEnum ? [[name, value]] : [],
    ),
  ),
);
