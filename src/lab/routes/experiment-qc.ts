import { z } from "zod";
import { QcOverrideRequest, QcReport, QcRerun } from "../../contract/qc.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { defineOperation } from "../http/route.js";

const path = "/v1/experiments/{id}/qc";
const params = z.object({ id: z.string() });
const example = { params: { id: sampleIds.experiment } };

export const getQc = defineOperation({
  method: "get",
  path,
  needs: "experiments:read",
  summary: "Every check of an attempt with value and bound, what people decided, and the reproducibility record",
  params,
  query: z.object({
    /** Default: the current one. */
    attempt: z.coerce.number().int().positive().optional(),
  }),
  result: QcReport,
  call: { path: "experiments:qc", kind: "query" },
  example,
  handle: async ({ qc }, { params: { id }, query: { attempt } }) => ({ data: await qc.report(id, attempt) }),
});

export const rerunQc = defineOperation({
  method: "post",
  path,
  needs: "experiments:write",
  summary: "Judge the files of the current attempt again; the status follows, nothing is run but the check command",
  params,
  body: QcRerun,
  result: QcReport,
  call: { path: "experiments:rerunQc", kind: "action" },
  example: { ...example, body: { clearOverride: true } },
  handle: async ({ qc }, { params: { id }, body }) => ({ data: await qc.rerun(id, body) }),
});

export const overrideQc = defineOperation({
  method: "patch",
  path,
  needs: "experiments:write",
  summary: "Decide over the checks, with a note that says why; the report stays as it is and the status follows",
  params,
  body: QcOverrideRequest,
  result: QcReport,
  call: { path: "experiments:overrideQc", kind: "mutation" },
  example: { ...example, body: { verdict: "pass", note: "The residuals were looked at by hand." } },
  handle: async ({ qc }, { params: { id }, body }) => ({ data: await qc.override(id, body) }),
});
