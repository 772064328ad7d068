import type { Experiment, ExperimentConfig } from "../../contract/experiment.js";
import { noProgress, type Progress } from "../capture/follow.js";
import type { OutTail } from "../capture/out-tail.js";
import type { Executor, RunHandle } from "../executors/executor.js";
import type { StopRequest } from "./stop-plan.js";

/** A run the lab follows. Everything here can be made anew from the run's row and its directory. */
export interface LiveRun {
  readonly experiment: Pick<Experiment, "_id" | "labId" | "experimentId" | "attempt" | "podId">;
  readonly config: ExperimentConfig;
  readonly executor: Executor;
  readonly handle: RunHandle;
  readonly tail: OutTail;
  /** Where it works: `config.cwd` or its own `work/`. */
  readonly work: string;
  /** ms UTC. */
  readonly startedAt: number;
  /** Monotonic ms when this lab launched or adopted it, or last could not reach it. */
  since: number;
  /** Monotonic ms; since when nobody can look at it. null: somebody can. */
  unreachableSince: number | null;
  /** The experiment's `statusReason` as this run last told it. */
  toldReason: string | null;
  /** Aborted with the reason in words when its pod is gone for good. */
  readonly forsaken: AbortController;
  /** Resolves when its end is written, or nobody follows it any more. */
  readonly over: PromiseWithResolvers<undefined>;
  /** Process group of its command, once known. */
  group: number | null;
  progress: Progress;
  stop: StopRequest | null;
  /** Looks in a row that found neither process nor exit file. */
  emptyLooks: number;
  /** Monotonic ms of the next look, and the pause before it: short while there is output. */
  dueAt: number;
  pauseMs: number;
}

const shortPauseMs = 100;
const longPauseMs = 250;
/** Looks fall on a common beat, so that what several runs write meets in one transaction. */
const beatMs = 100;

export function liveRun(
  run: Pick<
    LiveRun,
    "experiment" | "config" | "executor" | "handle" | "tail" | "work" | "startedAt" | "since" | "toldReason"
  >,
) {
  const fresh = {
    group: null,
    unreachableSince: null,
    forsaken: new AbortController(),
    over: Promise.withResolvers<undefined>(),
    progress: noProgress,
    stop: null,
    emptyLooks: 0,
    dueAt: run.since,
    pauseMs: shortPauseMs,
  };
  return { ...run, ...fresh } as LiveRun;
}

/** 100 ms while a run writes or is being stopped, up to 250 ms when it is quiet, none while there is more to read. */
export function scheduleLook(run: LiveRun, found: { output: boolean; drained: boolean }, nowMs: number): void {
  const busy = found.output || run.stop !== null || run.emptyLooks > 0;
  run.pauseMs = busy ? shortPauseMs : Math.min(longPauseMs, run.pauseMs * 1.5);
  run.dueAt = found.drained ? Math.floor((nowMs + run.pauseMs) / beatMs) * beatMs : nowMs;
}
