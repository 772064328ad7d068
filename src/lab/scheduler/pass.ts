import type { Experiment } from "../../contract/experiment.js";
import type { Pod, PodProposal } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import { microsOf } from "../../core/micro-usd.js";
import type { Services } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import type { Job, Paused, Place, PlanRules } from "./fit.js";
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
  /** Why nothing of a lab starts. */
  readonly paused: Paused;
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
  readonly projectedMicros: number | null;
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
  const rules: PlanRules = { now: clock.now(), queues: pass.queue.queues, paused: pass.paused };
  const { decisions, proposals } = plan(pass.queue.waiting, places, rules);
  const starts = decisions.filter((decision) => decision.type === "start");
  const told = tell(pass, { places, decisions, rules });
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
  readonly rules: PlanRules;
}

/** For those that still wait: why, and when they are expected to end, as far as either changed. */
function tell({ queue }: Pass, { places, decisions, rules }: Decided): Told[] {
  const starts = new Map(decisions.flatMap((decision) => (decision.type === "start" ? [[decision.id, decision]] : [])));
  const reasons = new Map(
    decisions.flatMap((decision) => (decision.type === "wait" ? [[decision.id, decision.reason]] : [])),
  );
  const still = queue.waiting.filter(({ id }) => !starts.has(id));
  const begun = queue.waiting.flatMap(({ id, slots, estimatedSeconds, queue: name }) => {
    const start = starts.get(id);
    const etaAt = estimatedSeconds === null ? null : rules.now + estimatedSeconds * 1000;
    return start === undefined ? [] : [{ podId: start.podId, queue: name, slots, etaAt }];
  });
  const foreseen = forecast(still, [...queue.running, ...begun], places, rules);
  const prices = new Map(places.map((place) => [place.podId, place]));
  return still.flatMap((job) => {
    const ahead = foreseen.get(job.id);
    const etaAt = moved(job, ahead?.endAt ?? null);
    const reason = reasons.get(job.id) ?? job.statusReason;
    const projectedMicros = priceOf(job, prices.get(ahead?.podId ?? ""));
    const isTold = reason === job.statusReason && etaAt === job.etaAt && projectedMicros === job.projectedMicros;
    return isTold ? [] : [{ id: job.id, reason, etaAt, projectedMicros }];
  });
}

/** What it will have cost there: its share by slots. null: nobody knows how long it takes, or what the place costs. */
function priceOf({ estimatedSeconds, slots }: WaitingJob, place: Place | undefined): number | null {
  if (place === undefined || place.costPerHourUsd === null || estimatedSeconds === null) return null;
  return microsOf((place.costPerHourUsd * estimatedSeconds * slots) / (3600 * place.slots));
}

function moved({ etaAt: before }: WaitingJob, endAt: number | null): number | null {
  const etaAt = endAt === null ? null : Math.round(endAt);
  return before !== null && etaAt !== null && Math.abs(before - etaAt) < forecastStepMs ? before : etaAt;
}
