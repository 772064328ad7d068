import { routes } from "../routes/index.js";
import { listTemplates } from "../routes/templates.js";
import type { Services } from "../services/service.js";
import type { LabFunction } from "../sync/function-registry.js";
import * as costs from "./costs.js";
import * as experimentLogs from "./experiment-logs.js";
import * as experimentMetrics from "./experiment-metrics.js";
import * as experiments from "./experiments.js";
import { functionOf } from "./from-route.js";
import * as pods from "./pods.js";
import * as settings from "./settings.js";
import * as telemetry from "./telemetry.js";

const modules = { experiments, experimentLogs, experimentMetrics, pods, telemetry, costs, settings };

/** Every Convex function by path (`experiments:list`). The seed names the tail twice: `experiments:getLogs` is `experimentLogs:list`. */
export const functions: Readonly<Record<string, LabFunction<Services>>> = {
  ...Object.fromEntries(
    Object.entries(modules).flatMap(([module, exports]) =>
      Object.entries(exports).map(([name, definition]) => [`${module}:${name}`, definition]),
    ),
  ),
  "experiments:getLogs": experimentLogs.list,
  "experiments:templates": functionOf(listTemplates),
  ...Object.fromEntries(routes.flatMap((route) => (route.call === null ? [] : [[route.call.path, functionOf(route)]]))),
};
