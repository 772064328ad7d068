import { randomInt } from "node:crypto";
import type { ClientTime } from "../../clients/http/time.js";
import { createFromDraft } from "../../clients/runpod/draft.js";
import type { RunpodClient } from "../../clients/runpod/index.js";
import { seenPod } from "../../clients/runpod/pod-state.js";
import { stockRows } from "../../clients/runpod/stock.js";
import type { Connection } from "../../contract/connection.js";
import type { SeenPod } from "../../contract/provider.js";
import { FailureError, toFailure } from "../../core/failure.js";
import { type Fleet, podOf } from "./fleet.js";

type Actions = Omit<Connection["pods"], "list" | "watch" | "followLog" | "providers" | "watchProviders">;

export interface ActionParts {
  readonly client: RunpodClient;
  readonly fleet: Fleet;
  readonly time: ClientTime;
}

/** How often and how long it is looked whether RunPod has really done it. */
const readBack = { everyMs: 2_000, forMs: 90_000 };

/** What a person can do to a pod without a lab. What RunPod says it does is read back before it counts as done. */
export function podActions({ client, fleet, time }: ActionParts): Actions {
  async function settled(id: string, isDone: (seen: SeenPod | null) => boolean, complaint: string): Promise<void> {
    const until = time.now() + readBack.forMs;
    for (;;) {
      // One look that fails says nothing of the pod.
      const isThere = await fleet.lookAt(id).then(isDone, (error: unknown) => failUnlessPassing(error));
      if (isThere) return;
      if (time.now() >= until)
        throw new FailureError({ kind: "conflict", message: complaint, hint: "look again, then repeat it" });
      await time.sleep(client.governor.paceMs(readBack.everyMs));
    }
  }

  /** A lost answer does not tell whether it was done: reading back does. */
  const asked = (sent: Promise<unknown>) => sent.catch((error: unknown) => void failUnlessPassing(error));

  const unlocked = (id: string) => {
    const pod = podOf(fleet, id);
    if (!pod.locked) return pod;
    throw new FailureError({ kind: "conflict", message: `${pod.name} is locked`, hint: "unlock it first (L)" });
  };

  const start = async (id: string) => {
    await client.pods.start(id);
    await fleet.lookAt(id);
    return podOf(fleet, id);
  };

  return {
    get: async (id) => {
      await fleet.lookAt(id);
      return podOf(fleet, id);
    },
    create: async ({ name, maxHours, ...draft }) => {
      if (maxHours !== undefined) throw needsLab("max hours: RunPod itself stops no pod, a lab does");
      const unique = `${name ?? "pod"}-${suffix()}`;
      const { pod } = await createFromDraft(client, { ...draft, name: unique });
      await fleet.lookAt(pod.id).catch(() => fleet.look());
      return podOf(fleet, pod.id);
    },
    patch: async (id, { name, locked, ...ofLab }) => {
      if (Object.values(ofLab).some((value) => value !== undefined)) throw needsLab("stopping idle pods by itself");
      const changes = { ...(name === undefined ? {} : { name }), ...(locked === undefined ? {} : { locked }) };
      await client.pods.patch(id, changes);
      await fleet.lookAt(id);
      return podOf(fleet, id);
    },
    start,
    stop: async (id) => {
      const { name } = unlocked(id);
      await asked(client.pods.stop(id));
      const complaint = `RunPod took the stop of ${name}, but it still runs and bills`;
      await settled(
        id,
        (seen) => seen === null || seen.status === "stopped" || seen.status === "terminated",
        complaint,
      );
      return podOf(fleet, id);
    },
    restart: async (id) => {
      const { name, status } = unlocked(id);
      // RunPod restarts running pods only; for one that is stopped it is called start.
      if (status === "stopped") return start(id);
      const before = await uptimeOf(client, id);
      await client.pods.restart(id);
      const isNew = (seen: SeenPod | null) =>
        seen?.status !== "running" || before === null || (seen.uptimeSeconds !== null && seen.uptimeSeconds < before);
      await settled(id, isNew, `RunPod took the restart of ${name} and did nothing: it has run on`);
      return podOf(fleet, id);
    },
    terminate: async (id) => {
      const { name } = unlocked(id);
      await asked(client.pods.delete(id));
      const isGone = (seen: SeenPod | null) => seen === null || seen.status === "terminated";
      await settled(id, isGone, `RunPod took the end of ${name}, but it is still there`);
      return podOf(fleet, id);
    },
    deploy: () => Promise.reject(needsLab("experiments")),
    fetchOutputs: () => Promise.reject(needsLab("outputs")),
    stock: () => stockOf(client),
  };
}

async function stockOf({ catalog }: RunpodClient) {
  const [SECURE, COMMUNITY] = await Promise.all([
    catalog.gpus({ cloud: "SECURE" }),
    catalog.gpus({ cloud: "COMMUNITY" }),
  ]);
  return stockRows({ SECURE, COMMUNITY });
}

export const needsLab = (what: string) =>
  new FailureError({
    kind: "unsupported",
    message: `${what} needs a lab: RunPod alone has none`,
    hint: "attach a lab",
  });

async function uptimeOf(client: RunpodClient, id: string): Promise<number | null> {
  const pod = await client.pods.get(id);
  return pod === null ? null : seenPod(pod).uptimeSeconds;
}

/** False for what may pass or have been done all the same; everything else is thrown again. */
function failUnlessPassing(error: unknown): false {
  const { kind } = toFailure(error);
  if (kind === "network" || kind === "timeout" || kind === "server" || kind === "rateLimit") return false;
  throw error;
}

const letters = "abcdefghjkmnpqrstvwxyz23456789";
const suffix = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("");
