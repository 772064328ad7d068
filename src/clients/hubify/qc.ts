import { type QcOverrideRequest, QcReport } from "../../contract/qc.js";
import type { Http } from "../http/http.js";
import { path } from "../http/path.js";
import { dataOf } from "./envelope.js";

/** A check command may take up to an hour; the lab answers when it has ended. */
const judgingMs = 3_700_000;

/** How runs are judged. `id` is an experiment's. Every call rejects with FailureError and nothing else. */
export function qcClient(http: Http) {
  const one = dataOf(QcReport);
  return {
    get: (id: string, attempt?: number) =>
      http.get(path`/v1/experiments/${id}/qc`, { query: { attempt }, expect: one }),
    rerun: (id: string, { clearOverride }: { clearOverride: boolean }) =>
      http.post(path`/v1/experiments/${id}/qc`, { body: { clearOverride }, expect: one, timeoutMs: judgingMs }),
    override: (id: string, decision: QcOverrideRequest) =>
      http.patch(path`/v1/experiments/${id}/qc`, { body: decision, expect: one }),
  };
}
