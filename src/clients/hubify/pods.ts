import { z } from "zod";
import type { Connection, LeaveOptions } from "../../contract/connection.js";
import { type NewPod, Pod, type PodPatch, StockRow } from "../../contract/pod.js";
import { podLogLine } from "../../contract/pod-log.js";
import { ProviderState } from "../../contract/provider.js";
import { toFailure } from "../../core/failure.js";
import { followEvents } from "../http/follow-events.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, pageOf } from "./envelope.js";

/** A provider takes its time, and acts are answered when they were read back; before a pod is left its outputs come home. */
const slowMs = { switch: 180_000, leave: 900_000, outputs: 3_600_000 } as const;

/** The Pods API: what the seed documents, and the lab's own routes beside it. `id` is a document id. */
export function podsClient(http: Http) {
  const one = dataOf(Pod);
  const act =
    (verb: string, timeoutMs: number = slowMs.switch) =>
    (id: string) =>
      http.post(`${path`/v1/pods/${id}`}/${verb}`, { expect: one, timeoutMs });
  const leave =
    (verb: "stop" | "terminate") =>
    (id: string, { discardOutputs }: LeaveOptions = {}) =>
      http.post(`${path`/v1/pods/${id}`}/${verb}`, {
        expect: one,
        timeoutMs: slowMs.leave,
        ...(discardOutputs === true ? { body: { discardOutputs } } : {}),
      });
  return {
    list: (query: { labId: string; status?: string | undefined }) =>
      http.get("/v1/pods", { query: { ...query }, expect: pageOf(Pod) }),
    get: (id: string) => http.get(path`/v1/pods/${id}`, { expect: one }),
    create: (draft: NewPod) => http.post("/v1/pods", { body: draft, expect: one, timeoutMs: slowMs.switch }),
    patch: (id: string, changes: PodPatch) => http.patch(path`/v1/pods/${id}`, { body: changes, expect: one }),
    start: act("start"),
    stop: leave("stop"),
    restart: act("restart"),
    terminate: leave("terminate"),
    deploy: (id: string, experimentId: string) =>
      http.post(path`/v1/pods/${id}/deploy`, { body: { experimentId }, expect: one }),
    fetchOutputs: act("outputs", slowMs.outputs),
    providers: () => http.get("/v1/pods/providers", { expect: dataOf(z.array(ProviderState)) }),
    stock: () => http.get("/v1/pods/stock", { expect: dataOf(z.array(StockRow)), timeoutMs: slowMs.switch }),
    followLog: ((id, { source, tail }, sink) => {
      const stop = new AbortController();
      const { signal } = stop;
      const reading = async () => {
        const query = { source, tail };
        const events = followEvents(http, path`/v1/pods/${id}/logs`, { query, signal, onLost: sink.fail });
        for await (const batch of events) sink.next(batch.map(podLogLine));
      };
      reading().catch((error: unknown) => {
        if (!signal.aborted) sink.fail(toFailure(error));
      });
      return () => stop.abort();
    }) satisfies Connection["pods"]["followLog"],
  };
}
