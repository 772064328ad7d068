import type { Experiment } from "../../contract/experiment.js";
import type { Pod, PodProposal } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import type { Services } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import type { Job, Place } from "./fit.js";
import { forecast } from "./forecast.js";
import { type PlaceRules, toPlace } from "./places.js";
import { type Decision, plan } from "./plan.js";
import type { Queue, WaitingJob } from "./queue.js";

/** A forecast that moved by less is not worth waking every watcher for. */
const forecastStepMs = 5_000;

export interface Pass {
  readonly queue: Queue;
  readonly pods: readonly Pod[];
  readonly rules: PlaceRules;
  /** Why nothing starts at all. */
  readonly paused: string | null;
}

export interface Passed {
  /** Claimed, and to be launched. */
  readonly started: readonly Experiment[];
  readonly proposals: ReadonlyMap<string, PodProposal>;
}

/** What a waiting experiment is told. */
interface Told {
  readonly id: string;
  readonly reason: string | null;
  readonly etaAt: number | null;
}

interface PassParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly services: { readonly experiments: Pick<Services["experiments"], "claim" | "tellWaiting" | "unpin"> };
}

/** Decides about the whole queue and writes what changes in one transaction; nothing changes, nothing is written. */
export async function runPass({ store, clock, services }: PassParts, pass: Pass): Promise<Passed> {
  const places = placesOf(pass);
  const lost = lostPins(pass.queue.waiting, places);
  const { decisions, proposals } = plan(pass.queue.waiting, places, pass.paused);
  const starts = decisions.filter((decision) => decision.type === "start");
  const told = tell(pass, { places, decisions, now: clock.now() });
  const started: Experiment[] = [];
  if (lost.length + starts.length + told.length > 0) {
    await store.change(async () => {
      await services.experiments.unpin(lost);
      for (const { id, podId, reason } of starts) {
        const claimed = await services.experiments.claim(id, podId, reason);
        if (claimed !== undefined) started.push(claimed);
      }
      await services.experiments.tellWaiting(told);
    });
  }
  return {
    started,
    proposals: new Map(proposals.map(({ podId, id, experimentId, reason }) => [podId, { id, experimentId, reason }])),
  };
}

/** What runs where is known better than the list of pods, which may be older than the last start. */
function placesOf({ pods, rules, queue }: Pass): Place[] {
  const used = new Map<string, number>();
  for (const { podId, slots } of queue.running) used.set(podId, (used.get(podId) ?? 0) + slots);
  return pods.flatMap((pod) => toPlace({ ...pod, slotsUsed: used.get(pod._id) ?? 0 }, rules) ?? []);
}

/** Put on a pod that has gone: free again, or they would wait for ever. */
function lostPins(waiting: readonly Job[], places: readonly Place[]): string[] {
  const known = new Set(places.map(({ podId }) => podId));
  return waiting.filter(({ pinnedPodId }) => pinnedPodId !== null && !known.has(pinnedPodId)).map(({ id }) => id);
}

interface Decided {
  readonly places: readonly Place[];
  readonly decisions: readonly Decision[];
  readonly now: number;
}

/** For those that still wait: why, and when they are expected to end, as far as either changed. */
function tell({ queue, paused }: Pass, { places, decisions, now }: Decided): Told[] {
  const starts = new Map(decisions.flatMap((decision) => (decision.type === "start" ? [[decision.id, decision]] : [])));
  const reasons = new Map(
    decisions.flatMap((decision) => (decision.type === "wait" ? [[decision.id, decision.reason]] : [])),
  );
  const still = queue.waiting.filter(({ id }) => !starts.has(id));
  const begun = queue.waiting.flatMap(({ id, slots, estimatedSeconds }) => {
    const start = starts.get(id);
    const etaAt = estimatedSeconds === null ? null : now + estimatedSeconds * 1000;
    return start === undefined ? [] : [{ podId: start.podId, slots, etaAt }];
  });
  const ends = forecast(still, [...queue.running, ...begun], paused === null ? places : [], now);
  return still.flatMap((job) => {
    const etaAt = moved(job, ends.get(job.id)?.endAt ?? null);
    const reason = reasons.get(job.id) ?? job.statusReason;
    return reason === job.statusReason && etaAt === job.etaAt ? [] : [{ id: job.id, reason, etaAt }];
  });
}

function moved({ etaAt: before }: WaitingJob, endAt: number | null): number | null {
  const etaAt = endAt === null ? null : Math.round(endAt);
  return before !== null && etaAt !== null && Math.abs(before - etaAt) < forecastStepMs ? before : etaAt;
}
