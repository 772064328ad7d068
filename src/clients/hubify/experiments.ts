import { z } from "zod";
import type { ExperimentsQuery } from "../../contract/connection.js";
import {
  Attempt,
  Checkpoint,
  Experiment,
  type ExperimentCopy,
  type ExperimentPatch,
  type NewExperiment,
  StatusChange,
  type StatusMove,
} from "../../contract/experiment.js";
import { LogEntry } from "../../contract/log-entry.js";
import type { LogQuery } from "../../contract/log-query.js";
import { MetricsAnswer, type MetricsQuery } from "../../contract/metrics.js";
import { OutputFile } from "../../contract/output.js";
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
    copy: (id: string, changes: ExperimentCopy) =>
      http.post(path`/v1/experiments/${id}/copy`, { body: changes, expect: one }),
    resume: (id: string, checkpoint?: string) =>
      http.post(path`/v1/experiments/${id}/resume`, {
        body: checkpoint === undefined ? {} : { checkpoint },
        expect: one,
      }),
    move: (id: string, wanted: StatusMove) =>
      http.post(path`/v1/experiments/${id}/statuses`, { body: wanted, expect: one }),
    statuses: (id: string) => http.get(path`/v1/experiments/${id}/statuses`, { expect: pageOf(StatusChange) }),
    attempts: (id: string) => http.get(path`/v1/experiments/${id}/attempts`, { expect: pageOf(Attempt) }),
    checkpoints: (id: string) => http.get(path`/v1/experiments/${id}/checkpoints`, { expect: pageOf(Checkpoint) }),
    children: (id: string, query: { limit?: number; cursor?: string } = {}) =>
      http.get(path`/v1/experiments/${id}/children`, { query: { ...query }, expect: pageOf(Experiment) }),
    delete: (id: string) => http.delete(path`/v1/experiments/${id}`, { expect: z.unknown() }),
    logs: (id: string, query: Partial<LogQuery>) =>
      http.get(path`/v1/experiments/${id}/logs`, { query: { ...query }, expect: pageOf(LogEntry) }),
    /** The output as it was written. */
    downloadLog: (
      id: string,
      { format, attempt, signal }: { format: "text" | "gzip"; attempt?: number | undefined; signal: AbortSignal },
    ) =>
      http.stream(path`/v1/experiments/${id}/logs/download`, {
        query: { format, attempt },
        accept: format === "text" ? "text/plain" : "application/gzip",
        signal,
      }),
    metrics: (id: string, query: MetricsQuery = {}) =>
      http.get(path`/v1/experiments/${id}/metrics`, { query: { ...query }, expect: dataOf(MetricsAnswer) }),
    outputs: (id: string, query: { attempt?: number | undefined; limit?: number; cursor?: string | undefined } = {}) =>
      http.get(path`/v1/experiments/${id}/outputs`, { query: { ...query }, expect: pageOf(OutputFile) }),
    /** One file, whatever it is. */
    downloadOutput: (
      id: string,
      file: string,
      { attempt, signal }: { attempt?: number | undefined; signal: AbortSignal },
    ) => http.stream(path`/v1/experiments/${id}/outputs/${file}`, { query: { attempt }, accept: "", signal }),
  };
}
