import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as rest } from "node:timers/promises";
import type { Experiment } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import type { Pod, PodProposal } from "../../contract/pod.js";
import type { Clock } from "../../core/clock.js";
import type { Services } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import type { Job } from "./fit.js";
import { runPass } from "./pass.js";
import { createQueueReader } from "./queue.js";

export interface SchedulerParts {
  readonly store: LabStore;
  readonly clock: Clock;
  readonly services: Pick<Services, "experiments" | "pods">;
  readonly templates: readonly Template[];
  /** GPU jobs run on this machine although no GPU of that kind was seen. */
  readonly takesAnyGpu: boolean;
  /** What needs no GPU may take a rented one; default false. */
  readonly cpuJobsOnGpuPods?: boolean | undefined;
  /** Queued experiments go on a lab's idle rented pods by themselves; default false. */
  readonly autoSchedule?: ((labId: string) => Promise<boolean>) | undefined;
  /** Why nothing of a lab may start now, in words: `budget of November is used up`. null: it may. */
  readonly paused?: ((labId: string) => Promise<string | null>) | undefined;
  /** Why commands can't go to a pod at this moment, `is being connected`; null: they can. Default: they always can. */
  readonly unreachable?: ((pod: Pod) => string | null) | undefined;
  /** Calls after so many ms, unless it is cancelled. */
  readonly later?: ((ms: number, work: () => void) => () => void) | undefined;
  /** Starts a claimed experiment. */
  readonly launch: (experiment: Experiment) => Promise<void>;
  readonly log: (line: string) => void;
}

export interface Scheduler {
  start(): void;
  stop(): Promise<void>;
  /** A pod's connection came or went. */
  linkChanged(): void;
  /** Resolves when everything that is due now has been decided. */
  settled(): Promise<void>;
  /** What a person could put on an idle pod, by the pod's document id. */
  proposalFor(podId: string): PodProposal | null;
}

/** A pass that follows another waits this often as long as that one took: a thousand new experiments are a few passes. */
const restFactor = 2;
const longestRestMs = 100;
/** `idle 47 min` stands beside pods and experiments while there is a proposal. */
const retellMs = 60_000;
/** A pause of a retry is looked at again at least this often: clocks are set, and machines sleep. */
const longestPauseMs = 600_000;

/** Keeps nothing alive. */
function byTimer(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms).unref();
  return () => clearTimeout(timer);
}

/**
 * Plans whenever something happened (an event in the store: created, ended, drained …, or a pod's work came or went). What happens
 * while it plans is planned for right after; output and telemetry, which write no events, do not wake it.
 */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { store, clock, log, later = byTimer } = parts;
  const planner = createPlanner(parts);
  let wanted = false;
  let working: Promise<void> | null = null;
  let stopped = false;
  let forgetAlarm = () => undefined as unknown;
  /** What it does is the lab's own work, whoever wakes it. */
  const asLab = AsyncLocalStorage.snapshot();
  let restUntil = 0;
  let forget = () => undefined as unknown;

  const work = async () => {
    while (wanted && !stopped) {
      await rest(Math.max(0, restUntil - performance.now()));
      wanted = false;
      const startedAt = performance.now();
      await planner.pass().catch((error: unknown) => log(`scheduler: ${String(error)}`));
      const endedAt = performance.now();
      restUntil = endedAt + Math.min(longestRestMs, restFactor * (endedAt - startedAt));
    }
    working = null;
    setAlarm();
  };
  const setAlarm = () => {
    forgetAlarm();
    if (stopped) return;
    const dueAt = planner.nextDueAt();
    const dueMs = dueAt === null ? Infinity : Math.max(1, Math.min(longestPauseMs, dueAt - clock.now()));
    if (dueMs < Infinity && (dueMs <= retellMs || !planner.hasProposals())) forgetAlarm = later(dueMs, wake);
    else if (planner.hasProposals()) forgetAlarm = later(retellMs, wakeFully);
  };
  const wake = () => {
    wanted = true;
    working ??= asLab(work);
  };
  const wakeFully = () => {
    planner.forgetPods();
    wake();
  };

  return {
    start() {
      // A watcher is called inside the commit: the work itself waits for the next turn.
      forget = store.onChange((topics) => {
        if (topics.has("pods") || topics.has("idle")) planner.forgetPods();
        if (topics.has("events") || topics.has("idle")) setImmediate(wake);
      });
      wake();
    },
    async stop() {
      stopped = true;
      forget();
      forgetAlarm();
      await working;
    },
    linkChanged: () => void setImmediate(wake),
    settled: () => working ?? Promise.resolve(),
    proposalFor: planner.proposalFor,
  };
}

/** One pass after the other. The pods are read again only when something about them changed: most passes are about experiments. */
function createPlanner(parts: SchedulerParts) {
  const { store, services, templates, takesAnyGpu, cpuJobsOnGpuPods = false, launch } = parts;
  const readQueue = createQueueReader(store, templates);
  let pods: readonly Pod[] | null = null;
  let podChanges = 0;
  let proposals: ReadonlyMap<string, PodProposal> = new Map();
  let nextDueAt: number | null = null;

  const podsNow = async () => {
    if (pods !== null) return pods;
    // What changes while it is read makes it unknown again.
    const changes = podChanges;
    const read = await services.pods.list(null, { unwatched: true });
    if (changes === podChanges) pods = read;
    return read;
  };
  const propose = async (next: ReadonlyMap<string, PodProposal>) => {
    const isSame = JSON.stringify([...next]) === JSON.stringify([...proposals]);
    proposals = next;
    if (isSame) return;
    await store.change(({ touch }) => {
      touch("pods");
      return Promise.resolve();
    });
  };

  return {
    forgetPods() {
      pods = null;
      podChanges++;
    },
    hasProposals: () => proposals.size > 0,
    proposalFor: (podId: string) => proposals.get(podId) ?? null,
    /** When the next pause of a retry is over; null: there is none. */
    nextDueAt: () => nextDueAt,

    async pass() {
      const queue = await readQueue();
      nextDueAt = firstDue(queue.waiting, parts.clock.now());
      if (queue.waiting.length === 0) return propose(new Map());
      const pods = await podsNow();
      const auto = await askByLab(pods, parts.autoSchedule);
      const pauses = await askByLab(queue.waiting, parts.paused);
      const rules = {
        takesAnyGpu,
        cpuJobsOnGpuPods,
        autoSchedule: ({ labId }: Pod) => auto.get(labId) ?? false,
        unreachable: parts.unreachable ?? (() => null),
      };
      const paused = ({ labId }: { labId: string }) => pauses.get(labId) ?? null;
      const passed = await runPass(parts, { queue, pods, rules, paused });
      for (const experiment of passed.started) await launch(experiment);
      await propose(passed.proposals);
    },
  };
}

function firstDue(waiting: readonly Pick<Job, "notBeforeAt">[], now: number): number | null {
  const due = waiting.flatMap(({ notBeforeAt }) => (notBeforeAt === null || notBeforeAt <= now ? [] : [notBeforeAt]));
  return due.length === 0 ? null : due.reduce((a, b) => Math.min(a, b));
}

/** Asks once for every lab that has something there. */
async function askByLab<T>(
  things: readonly { readonly labId: string }[],
  ask: ((labId: string) => Promise<T>) | undefined,
): Promise<ReadonlyMap<string, T>> {
  const answers = new Map<string, T>();
  if (ask === undefined) return answers;
  for (const labId of new Set(things.map(({ labId }) => labId))) answers.set(labId, await ask(labId));
  return answers;
}
