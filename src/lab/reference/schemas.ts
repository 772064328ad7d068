import { z } from "zod";
import * as access from "../../contract/access.js";
import * as activity from "../../contract/activity.js";
import * as cost from "../../contract/cost.js";
import * as discovery from "../../contract/discovery.js";
import * as envelope from "../../contract/envelope.js";
import * as experiment from "../../contract/experiment.js";
import * as idle from "../../contract/idle.js";
import * as lab from "../../contract/lab.js";
import * as logEntry from "../../contract/log-entry.js";
import * as metrics from "../../contract/metrics.js";
import * as pod from "../../contract/pod.js";
import * as provider from "../../contract/provider.js";
import * as qc from "../../contract/qc.js";
import * as settings from "../../contract/settings.js";

/** Every module of the contract whose schemas the reference names. */
const modules = {
  access,
  activity,
  cost,
  discovery,
  envelope,
  experiment,
  idle,
  lab,
  logEntry,
  metrics,
  pod,
  provider,
  qc,
  settings,
};

/** Schemas of objects and of lists of words, by the name they are exported under. */
export const namedSchemas: ReadonlyMap<string, z.ZodType> = new Map(
  Object.values(modules).flatMap((module) =>
    Object.entries(module).flatMap(([name, value]: [string, unknown]): [string, z.ZodType][] =>
      value instanceof z.ZodObject || value instanceof z.ZodEnum ? [[name, value]] : [],
    ),
  ),
);
