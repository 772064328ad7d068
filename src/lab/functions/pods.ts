import { v } from "convex/values";
import { sshCommandOf } from "../pods/ssh-command.js";
import { defineAction, defineMutation, defineQuery } from "./define.js";

// What asks a provider is an action: a mutation is one transaction, which nobody else's work may wait for.

const podId = v.string();
const leaveArgs = { podId, discardOutputs: v.optional(v.boolean()) };

export const list = defineQuery({
  needs: "pods:read",
  args: { labId: v.optional(v.string()) },
  topics: () => ["pods"],
  handler: async ({ services }, { labId }) => services.pods.list(await services.labs.idOf(labId)),
});

/** One pod. `podId` is a document id, a name or the provider's id, here and everywhere. */
export const get = defineQuery({
  needs: "pods:read",
  args: { podId },
  topics: () => ["pods"],
  handler: ({ services }, { podId: id }) => services.pods.get(id),
});

/** How to log in; refused with the reason where nobody can. */
export const ssh = defineQuery({
  needs: "pods:read",
  args: { podId },
  topics: () => ["pods"],
  handler: async ({ services }, { podId: id }) => sshCommandOf(await services.pods.get(id)),
});

/** How the lab gets on with each provider, and what is missing for the others. */
export const providers = defineQuery({
  needs: "pods:read",
  args: {},
  topics: () => ["pods"],
  handler: ({ services }) => services.pods.providers(),
});

/** The fields of the Pods API; `requestKey` makes a repeated call answer with the first one's pod. */
export const create = defineAction({
  needs: "pods:write",
  args: {
    labId: v.string(),
    gpuType: v.string(),
    gpuCount: v.optional(v.number()),
    maxHours: v.optional(v.number()),
    image: v.optional(v.string()),
    env: v.optional(v.record(v.string(), v.string())),
    volumeSize: v.optional(v.number()),
    provider: v.optional(v.string()),
    name: v.optional(v.string()),
    maxHoursAction: v.optional(v.union(v.literal("terminate"), v.literal("stop"))),
    diskSize: v.optional(v.number()),
    regions: v.optional(v.array(v.string())),
    cloud: v.optional(v.union(v.literal("SECURE"), v.literal("COMMUNITY"))),
    ports: v.optional(v.array(v.string())),
    maxCostPerHourUsd: v.optional(v.number()),
    templateId: v.optional(v.string()),
    networkVolumeId: v.optional(v.string()),
    requestKey: v.optional(v.string()),
  },
  handler: ({ services }, { requestKey, ...draft }) => services.pods.create(draft, { requestKey }),
});

export const patch = defineAction({
  needs: "pods:write",
  args: {
    podId,
    name: v.optional(v.string()),
    locked: v.optional(v.boolean()),
    postponeAutoStopUntil: v.optional(v.union(v.number(), v.null())),
    autoStop: v.optional(v.union(v.boolean(), v.null())),
  },
  handler: ({ services }, { podId: id, ...changes }) => services.pods.patch(id, changes),
});

/** A rented pod is switched on; any other takes work again. */
export const start = defineAction({
  needs: "pods:write",
  args: { podId },
  handler: ({ services }, { podId: id }) => services.pods.start(id),
});

/** A rented pod is switched off, outputs first; any other drains. */
export const stop = defineAction({
  needs: "pods:write",
  args: leaveArgs,
  handler: ({ services }, { podId: id, ...options }) => services.pods.stop(id, options),
});

export const restart = defineAction({
  needs: "pods:write",
  args: { podId },
  handler: ({ services }, { podId: id }) => services.pods.restart(id),
});

export const terminate = defineAction({
  needs: "pods:write",
  args: leaveArgs,
  handler: ({ services }, { podId: id, ...options }) => services.pods.terminate(id, options),
});

export const deploy = defineMutation({
  needs: "pods:write",
  args: { podId, experimentId: v.string() },
  handler: ({ services }, { podId: id, experimentId }) => services.pods.deploy(id, experimentId),
});

export const fetchOutputs = defineAction({
  needs: "pods:write",
  args: { podId },
  handler: ({ services }, { podId: id }) => services.pods.fetchOutputs(id),
});

export const stock = defineAction({
  needs: "pods:read",
  args: {},
  handler: ({ services }) => services.pods.stock(),
});
