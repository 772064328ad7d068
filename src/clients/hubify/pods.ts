import { z } from "zod";
import type { Connection } from "../../contract/connection.js";
import { type NewPod, Pod, type PodPatch, StockRow } from "../../contract/pod.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf, pageOf } from "./envelope.js";

/** The Pods API: what the seed documents, and the lab's own routes beside it. `id` is a document id. */
export function podsClient(http: Http) {
  const one = dataOf(Pod);
  const act = (verb: string) => (id: string) => http.post(`${path`/v1/pods/${id}`}/${verb}`, { expect: one });
  return {
    list: (query: { labId: string; status?: string | undefined }) =>
      http.get("/v1/pods", { query: { ...query }, expect: pageOf(Pod) }),
    get: (id: string) => http.get(path`/v1/pods/${id}`, { expect: one }),
    create: (draft: NewPod) => http.post("/v1/pods", { body: draft, expect: one }),
    patch: (id: string, changes: PodPatch) => http.patch(path`/v1/pods/${id}`, { body: changes, expect: one }),
    start: act("start"),
    stop: act("stop"),
    restart: act("restart"),
    terminate: act("terminate"),
    deploy: (id: string, experimentId: string) =>
      http.post(path`/v1/pods/${id}/deploy`, { body: { experimentId }, expect: one }),
    fetchOutputs: act("outputs"),
    stock: () => http.get("/v1/pods/stock", { expect: dataOf(z.array(StockRow)) }),
    // Replaced as soon as the transport can stream.
    followLog: ((_id, _options, sink) => {
      sink.fail({ kind: "unsupported", message: "this client can't follow a pod's log yet" });
      return () => undefined;
    }) satisfies Connection["pods"]["followLog"],
  };
}
