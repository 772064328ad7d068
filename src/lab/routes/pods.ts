import type { Context } from "hono";
import { z } from "zod";
import { NewPod, Pod, PodPatch, PodStatus, SshAccess, StockRow } from "../../contract/pod.js";
import { ProviderState } from "../../contract/provider.js";
import { sampleIds } from "../../contract/sample-ids.js";
import { streamPodLog } from "../http/pod-log-stream.js";
import { defineRoute } from "../http/route.js";
import { LabError } from "../lab-error.js";
import { sshCommandOf } from "../pods/ssh-command.js";
import { parseOrRefuse } from "../refusal.js";

/** Document id, name or the provider's id. */
const params = z.object({ id: z.string() });
const example = { params: { id: sampleIds.pod } };

/** `?discardOutputs=true`, or the same as JSON: outputs that are only on the pod and can't be fetched may be lost. */
const leaveQuery = z.object({ discardOutputs: z.stringbool().optional() });
const leaveBody = z.strictObject({ discardOutputs: z.boolean().optional() });

/** The seed's routes have no body, so it may be left out. */
async function leaveOptions(http: Context, query: z.output<typeof leaveQuery>) {
  const text = await http.req.text();
  if (text.trim() === "") return query;
  const body = parseOrRefuse(leaveBody, parseJson(text), "body: ");
  return { discardOutputs: body.discardOutputs ?? query.discardOutputs };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LabError("validation_error", "body: it is no JSON");
  }
}

const longestLogTail = 5000;

export const createPod = defineRoute({
  method: "post",
  path: "/v1/pods",
  needs: "pods:write",
  summary: "Rent a pod; the same Idempotency-Key again answers with the pod of the first time",
  body: NewPod,
  result: Pod,
  status: 201,
  example: {
    body: {
      labId: sampleIds.lab,
      gpuType: "H200",
      gpuCount: 1,
      maxHours: 24,
      env: { EXPERIMENT_ID: sampleIds.experiment },
      volumeSize: 100,
    },
  },
  async handle({ services }, { body, http }) {
    const requestKey = http.req.header("idempotency-key");
    return { data: await services.pods.create(body, { requestKey }) };
  },
});

export const listPods = defineRoute({
  method: "get",
  path: "/v1/pods",
  needs: "pods:read",
  summary: "The machines of a lab",
  query: z.object({ labId: z.string().min(1), status: PodStatus.optional() }),
  result: z.array(Pod),
  example: { query: { labId: sampleIds.lab, status: "running" } },
  async handle({ services }, { query: { labId, status } }) {
    const pods = await services.pods.list(await services.labs.idOf(labId));
    const data = pods.filter((pod) => status === undefined || pod.status === status);
    return { data, nextCursor: null, hasMore: false };
  },
});

export const podStock = defineRoute({
  method: "get",
  path: "/v1/pods/stock",
  needs: "pods:read",
  summary: "What could be rented now: live stock and prices of every provider",
  result: z.array(StockRow),
  example: {},
  handle: async ({ services }) => ({ data: await services.pods.stock() }),
});

export const podProviders = defineRoute({
  method: "get",
  path: "/v1/pods/providers",
  needs: "pods:read",
  summary: "How the lab gets on with each provider of pods, and what is missing for the others",
  result: z.array(ProviderState),
  example: {},
  handle: async ({ services }) => ({ data: await services.pods.providers() }),
});

export const getPod = defineRoute({
  method: "get",
  path: "/v1/pods/{id}",
  needs: "pods:read",
  summary: "One machine",
  // The rest is what the machine does.
  etagOf: ({ name, locked, status, maxHoursAt, maxHoursAction }: Pod) => [
    name,
    locked,
    status,
    maxHoursAt,
    maxHoursAction,
  ],
  params,
  result: Pod,
  example,
  handle: async ({ services }, { params: { id } }) => ({ data: await services.pods.get(id) }),
});

export const patchPod = defineRoute({
  method: "patch",
  path: "/v1/pods/{id}",
  needs: "pods:write",
  summary: "Rename or lock a rented pod, postpone or settle its automatic stop",
  params,
  body: PodPatch,
  result: Pod,
  example: { ...example, body: { name: "planck-chains", locked: false } },
  handle: async ({ services }, { params: { id }, body }) => ({ data: await services.pods.patch(id, body) }),
});

export const startPod = defineRoute({
  method: "post",
  path: "/v1/pods/{id}/start",
  needs: "pods:write",
  summary: "Switch a rented pod on; let any other, or one that runs, take experiments",
  params,
  result: Pod,
  example,
  handle: async ({ services }, { params: { id } }) => ({ data: await services.pods.start(id) }),
});

export const stopPod = defineRoute({
  method: "post",
  path: "/v1/pods/{id}/stop",
  needs: "pods:write",
  summary: "Switch a rented pod off, outputs first, and answer when that was read back; drain any other",
  params,
  query: leaveQuery,
  result: Pod,
  example,
  handle: async ({ services }, { params: { id }, query, http }) => ({
    data: await services.pods.stop(id, await leaveOptions(http, query)),
  }),
});

export const restartPod = defineRoute({
  method: "post",
  path: "/v1/pods/{id}/restart",
  needs: "pods:write",
  summary: "Restart a running pod, start a stopped one",
  params,
  result: Pod,
  example,
  handle: async ({ services }, { params: { id } }) => ({ data: await services.pods.restart(id) }),
});

export const terminatePod = defineRoute({
  method: "post",
  path: "/v1/pods/{id}/terminate",
  needs: "pods:write",
  summary: "Destroy a rented pod with its volume, outputs first",
  params,
  query: leaveQuery,
  result: Pod,
  example: { ...example, query: { discardOutputs: "true" } },
  handle: async ({ services }, { params: { id }, query, http }) => ({
    data: await services.pods.terminate(id, await leaveOptions(http, query)),
  }),
});

export const deployOnPod = defineRoute({
  method: "post",
  path: "/v1/pods/{id}/deploy",
  needs: "pods:write",
  summary: "Put a queued experiment on this pod, before all others",
  params,
  body: z.strictObject({ experimentId: z.string().min(1) }),
  result: Pod,
  example: { ...example, body: { experimentId: sampleIds.queuedExperiment } },
  handle: async ({ services }, { params: { id }, body }) => ({
    data: await services.pods.deploy(id, body.experimentId),
  }),
});

export const fetchPodOutputs = defineRoute({
  method: "post",
  path: "/v1/pods/{id}/outputs",
  needs: "pods:write",
  summary: "Bring the outputs home that are only on the pod",
  params,
  result: Pod,
  example,
  handle: async ({ services }, { params: { id } }) => ({ data: await services.pods.fetchOutputs(id) }),
});

export const podSsh = defineRoute({
  method: "get",
  path: "/v1/pods/{id}/ssh",
  needs: "pods:read",
  summary: "How to log in; refused with the reason where nobody can",
  params,
  result: SshAccess.extend({ command: z.string() }),
  example,
  handle: async ({ services }, { params: { id } }) => ({ data: sshCommandOf(await services.pods.get(id)) }),
});

export const podLogs = defineRoute({
  method: "get",
  path: "/v1/pods/{id}/logs",
  needs: "pods:read",
  summary: "The pod's own log as server-sent events, live; `Last-Event-ID` goes on after that line",
  params,
  query: z.object({
    source: z.enum(["container", "system"]).optional(),
    tail: z.coerce.number().int().min(0).max(longestLogTail).default(100),
  }),
  result: z.string(),
  example: { ...example, query: { tail: 50 } },
  handle: (context, { params: { id }, query: { source, tail }, http }) =>
    streamPodLog(context, http, { id, source, tail }),
});
