import type { Experiment } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import type { Pod } from "../../contract/pod.js";
import { priorityRank } from "../../contract/vocabulary.js";
import { type Clock } from "../../core/clock.js";
import type { Services } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import { forecast } from "./forecast.js";
import { type Decision, type Job, type Place, plan } from "./plan.js";
import { slotsOf } from "./slots.js";

export interface SchedulerParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly services: Pick<Services, "experiments" | "labs" | "pods">;
  readonly templates: readonly Template[];
  /** GPU jobs run here although no GPU of that kind was seen. */
  readonly takesAnyGpu: boolean;
  /** Starts a claimed experiment. */
  readonly launch: (experiment: Experiment) => Promise<void>;
  /** Why nothing new may start now, in words; null: it may. What runs goes on. */
  readonly paused?: () => Promise<string | null>;
  readonly log: (line: string) => void;
}

export interface Scheduler {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when everything that is due now has been decided. */
  settled(): Promise<void>;
}

/**
 * Plans whenever something happened (an event in the store: created, ended, drained …), never by the clock. What happens
 * while it plans is planned for right after; output and telemetry, which write no events, do not wake it.
 */
export function createScheduler(parts: SchedulerParts): Scheduler {
  let wanted = false;
  let working: Promise<void> | null = null;
  let stopped = false;
  let forget = () => undefined as unknown;

  const work = async () => {
    while (wanted && !stopped) {
      wanted = false;
      await pass(parts).catch((error: unknown) => parts.log(`scheduler: ${String(error)}`));
    }
    working = null;
  };
  const wake = () => {
    wanted = true;
    working ??= work();
  };

  return {
    start() {
      // A watcher is called inside the commit: the work itself waits for the next turn.
      forget = parts.store.onChange((topics) => {
        if (topics.has("events")) setImmediate(wake);
      });
      wake();
    },
    async stop() {
      stopped = true;
      forget();
      await working;
    },
    settled: () => working ?? Promise.resolve(),
  };
}

async function pass(parts: SchedulerParts): Promise<void> {
  const { services, templates, takesAnyGpu, launch } = parts;
  const queued = (await services.experiments.unfinished()).filter(({ status }) => status === "queued");
  if (queued.length === 0) return;
  const pods = await services.pods.list(await services.labs.idOf(undefined));
  const jobs = queued.map((experiment) => toJob(experiment, templates));
  const places = pods.filter(({ status }) => status === "running").map((pod) => toPlace(pod, takesAnyGpu));
  const paused = (await parts.paused?.()) ?? null;
  for (const decision of paused === null ? plan(jobs, places) : hold(jobs, paused)) {
    if (decision.type === "wait") {
      await services.experiments.hold(decision.id, "queued", decision.reason);
      continue;
    }
    const claimed = await services.experiments.claim(decision.id, decision.podId);
    if (claimed !== undefined) await launch(claimed);
  }
  await foresee(parts, paused === null ? places : []);
}

/** Everybody waits for the same reason. */
const hold = (jobs: readonly Job[], reason: string): Decision[] =>
  jobs.filter(({ statusReason }) => statusReason !== reason).map(({ id }) => ({ type: "wait", id, reason }));

/** Tells every job that still waits when it is expected to end. */
async function foresee({ services, clock, templates }: SchedulerParts, places: readonly Place[]): Promise<void> {
  const unfinished = await services.experiments.unfinished();
  const secondsOf = ({ estimatedSeconds, template }: Experiment) =>
    estimatedSeconds ?? templates.find(({ name }) => name === template)?.estimatedSeconds ?? null;
  const queue = unfinished
    .filter(({ status }) => status === "queued")
    .map((experiment) => ({ ...toJob(experiment, templates), estimatedSeconds: secondsOf(experiment) }));
  const running = unfinished.flatMap((experiment) => {
    const { status, podId, startedAt, etaAt } = experiment;
    if (status !== "running" || podId === null) return [];
    const seconds = secondsOf(experiment);
    const byEstimate = seconds === null || startedAt === null ? null : startedAt + seconds * 1000;
    return [{ podId, slots: slotsOf(experiment, templates), etaAt: etaAt ?? byEstimate }];
  });
  for (const [id, { endAt }] of forecast(queue, running, places, clock.now())) {
    await services.experiments.foresee(id, endAt === null ? null : Math.round(endAt));
  }
}

function toJob(experiment: Experiment, templates: readonly Template[]): Job {
  return {
    id: experiment._id,
    displayId: experiment.experimentId,
    rank: priorityRank[experiment.priority],
    createdAt: experiment.createdAt,
    computeMode: experiment.computeMode,
    slots: slotsOf(experiment, templates),
    statusReason: experiment.statusReason,
  };
}

function toPlace(pod: Pod, takesAnyGpu: boolean): Place {
  return {
    podId: pod._id,
    name: pod.name,
    acceptsWork: pod.acceptsWork,
    slots: pod.slots,
    slotsUsed: pod.slotsUsed,
    gpus: pod.gpus.map(({ name }) => name),
    takesAnyGpu,
  };
}
