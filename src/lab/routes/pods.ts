import { z } from "zod";
import { Pod, PodStatus } from "../../contract/pod.js";
import { defineRoute } from "../http/route.js";

const params = z.object({ id: z.string() });

export const listPods = defineRoute({
  method: "get",
  path: "/v1/pods",
  summary: "The machines of a lab",
  query: z.object({ labId: z.string().min(1), status: PodStatus.optional() }),
  result: z.array(Pod),
  async handle({ services }, { query: { labId, status } }) {
    const pods = await services.pods.list(await services.labs.idOf(labId));
    const data = pods.filter((pod) => status === undefined || pod.status === status);
    return { data, nextCursor: null, hasMore: false };
  },
});

export const getPod = defineRoute({
  method: "get",
  path: "/v1/pods/{id}",
  summary: "One machine",
  params,
  result: Pod,
  handle: async ({ services }, { params: { id } }) => ({ data: await services.pods.get(id) }),
});

export const startPod = defineRoute({
  method: "post",
  path: "/v1/pods/{id}/start",
  summary: "Let it take experiments",
  params,
  result: Pod,
  handle: async ({ services }, { params: { id } }) => ({ data: await services.pods.start(id) }),
});

export const stopPod = defineRoute({
  method: "post",
  path: "/v1/pods/{id}/stop",
  summary: "Drain it: running experiments go on, no new one starts",
  params,
  result: Pod,
  handle: async ({ services }, { params: { id } }) => ({ data: await services.pods.stop(id) }),
});
