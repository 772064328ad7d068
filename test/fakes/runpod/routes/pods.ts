import { z } from "zod";
import { created, noContent, ok, Refusal } from "../answer.js";
import { createPod } from "../create-pod.js";
import type { ContainerData, FakePod } from "../model.js";
import { act, reboot, terminate } from "../pod-life.js";
import { podToWire } from "../pod-wire.js";
import type { Asked, Route } from "../route.js";
import { validated, wholeNumber } from "../validation.js";
import { without } from "../without.js";
import { meter, type World } from "../world.js";
import { CreatePod, PodActionBody, UpdatePod } from "./pod-bodies.js";

/** The pod of the path; one that was terminated is as unknown as one that never was. */
export function podOf({ world, params }: Asked): FakePod {
  const pod = world.pods.get(params["id"] ?? "");
  if (pod === undefined || pod.status === "TERMINATED") throw new Refusal(404, "pod not found");
  return pod;
}

const ListQuery = z.object({
  limit: wholeNumber({ min: 1, max: 1000 }).default(1000),
  includeClusterPods: z.enum(["true", "false"]).default("false"),
});

/** Newest first. A page can be shorter than `limit`: pods of clusters are cut out after it was taken. */
function list({ world, query }: Asked) {
  const { limit, includeClusterPods } = validated(ListQuery, Object.fromEntries(query));
  const all = [...world.pods.values()]
    .filter((pod) => pod.status !== "TERMINATED")
    .sort((a, b) => b.createdAt - a.createdAt || b.sequence - a.sequence);
  const from = startOf(all, query.get("cursor"));
  const page = all.slice(from, from + limit);
  const last = page.at(-1);
  const hasNextPage = from + limit < all.length && last !== undefined;
  return ok({
    pods: page
      .filter((pod) => includeClusterPods === "true" || pod.cluster === null)
      .map((pod) => podToWire(world, pod)),
    pagination: { nextCursor: hasNextPage ? cursorOf(last) : null, hasNextPage },
  });
}

const cursorOf = (pod: FakePod) => Buffer.from(`pod:${pod.createdAt}:${pod.sequence}`).toString("base64url");

/** After the pod the cursor names, even when that one is gone meanwhile. */
function startOf(sorted: readonly FakePod[], cursor: string | null): number {
  if (cursor === null) return 0;
  const match = /^pod:(\d+):(\d+)$/.exec(Buffer.from(cursor, "base64url").toString("utf8"));
  if (match === null) {
    throw new Refusal(422, "Request validation failed.", { errors: ["cursor: is not a cursor of this list"] });
  }
  const [createdAt, sequence] = [Number(match[1]), Number(match[2])];
  const index = sorted.findIndex(
    (pod) => pod.createdAt < createdAt || (pod.createdAt === createdAt && pod.sequence < sequence),
  );
  return index === -1 ? sorted.length : index;
}

function patch(asked: Asked) {
  const pod = podOf(asked);
  const changes = validated(UpdatePod, asked.body);
  if (pod.cluster !== null) throw new Refusal(409, "pod belongs to a cluster; manage it through /v2/clusters");
  if (changes.mounts?.persistent !== undefined && changes.mounts.network !== undefined) {
    throw new Refusal(400, "mounts.persistent and mounts.network are mutually exclusive");
  }
  applyChanges(asked.world, pod, changes);
  return ok(podToWire(asked.world, pod));
}

/** Name, lock and networking apply at once; anything of the container resets it when it runs. */
function applyChanges(world: World, pod: FakePod, changes: UpdatePod): void {
  const { name, locked, globalNetworking } = changes;
  const container = without(changes, "name", "locked", "globalNetworking", "templateId");
  pod.name = name ?? pod.name;
  pod.locked = locked ?? pod.locked;
  pod.globalNetworking = globalNetworking ?? pod.globalNetworking;
  if (Object.keys(container).length === 0) return;
  pod.container = { ...pod.container, ...(container as Partial<ContainerData>) };
  if (pod.status === "RUNNING") reboot(world, pod, world.defaults.restartMs);
  else meter(pod, world.now());
}

export const podRoutes: readonly Route[] = [
  { method: "GET", path: "/v2/pods", area: "pods", answer: list },
  {
    method: "POST",
    path: "/v2/pods",
    area: "pods",
    answer: ({ world, body }) => created(podToWire(world, createPod(world, validated(CreatePod, body)))),
  },
  { method: "GET", path: "/v2/pods/:id", area: "pods", answer: (asked) => ok(podToWire(asked.world, podOf(asked))) },
  { method: "PATCH", path: "/v2/pods/:id", area: "pods", answer: patch },
  {
    method: "DELETE",
    path: "/v2/pods/:id",
    area: "pods",
    answer: (asked) => {
      const pod = podOf(asked);
      if (pod.cluster !== null) throw new Refusal(409, "pod belongs to a cluster; delete the cluster instead");
      terminate(asked.world, pod);
      return noContent;
    },
  },
  {
    method: "POST",
    path: "/v2/pods/:id/action",
    area: "pods",
    answer: (asked) => {
      const { action } = validated(PodActionBody, asked.body);
      const pod = podOf(asked);
      act(asked.world, pod, action);
      return action === "terminate" ? noContent : ok(podToWire(asked.world, pod));
    },
  },
];
