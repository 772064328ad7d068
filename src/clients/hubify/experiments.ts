import { z } from "zod";
import type { ExperimentsQuery } from "../../contract/connection.js";
import { Experiment, type ExperimentPatch, type NewExperiment } from "../../contract/experiment.js";
import { LogEntry } from "../../contract/log-entry.js";
import type { LogQuery } from "../../contract/log-query.js";
import { MetricSeries } from "../../contract/metrics.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, pageOf } from "./envelope.js";

/** The Experiments API. `id` is a document id or a display id. Every call rejects with FailureError and nothing else. */
export function experimentsClient(http: Http) {
  const one = dataOf(Experiment);
  return {
    list: (query: ExperimentsQuery & { labId: string }) =>
      http.get("/v1/experiments", { query: { ...query }, expect: pageOf(Experiment) }),
    get: (id: string) => http.get(path`/v1/experiments/${id}`, { expect: one }),
    create: (draft: NewExperiment) => http.post("/v1/experiments", { body: draft, expect: one }),
    patch: (id: string, changes: ExperimentPatch) =>
      http.patch(path`/v1/experiments/${id}`, { body: changes, expect: one }),
    cancel: (id: string) => http.post(path`/v1/experiments/${id}/cancel`, { expect: one }),
    restart: (id: string) => http.post(path`/v1/experiments/${id}/restart`, { expect: one }),
    delete: (id: string) => http.delete(path`/v1/experiments/${id}`, { expect: z.unknown() }),
    logs: (id: string, query: Partial<LogQuery>) =>
      http.get(path`/v1/experiments/${id}/logs`, { query: { ...query }, expect: pageOf(LogEntry) }),
    metrics: (id: string) => http.get(path`/v1/experiments/${id}/metrics`, { expect: dataOf(MetricSeries) }),
  };
}
