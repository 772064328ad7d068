import { fileURLToPath } from "node:url";

/**
 * One run directory per attempt, the same for every executor (engines §5.1):
 *
 *   cmd          shell script of the run; written before the start
 *   config.json  the experiment's config, as $HUBIFY_CONFIG names it
 *   lock/        made by the wrapper: this attempt was started and never starts again
 *   pid          `wrapperPid wrapperStart childPid childStart bootId epochSeconds`
 *   out          stdout and stderr in their true order; only ever grows
 *   exit         `code epochSeconds`, written last; 128 + signal when it died of one
 *   work/        where the run works; outputs live here and survive the experiment's deletion
 */
export const runFiles = {
  cmd: "cmd",
  config: "config.json",
  lock: "lock",
  pid: "pid",
  out: "out",
  exit: "exit",
  work: "work",
};

/** Stands for the boot of the host in the `pid` file of a run that went on elsewhere: it was running when its lab was backed up. */
export const restoredBoot = "restored";

/** Serialisable: everything needed to find a run again after the lab restarted. */
export interface RunHandle {
  readonly executor: Executor["kind"];
  readonly dir: string;
  /** Value of $HUBIFY_RUN in every process of the run, `<experiment id>:<attempt>`. */
  readonly marker: string;
  /** Set where it runs on another machine: `dir` is then its mirror here. */
  readonly remote?: RemotePlace | undefined;
}

export interface RemotePlace {
  readonly podId: string;
  /** Absolute path of the run's directory there. */
  readonly dir: string;
}

/**
 * ```
 * none ──launch──► starting ──► running ──► dead      none: never started · starting: lock, but no pid yet
 *                                  └─► orphan ─► dead  orphan: the wrapper was killed, the command goes on
 *                      (any) ─────► rebooted           rebooted: another boot of the host
 *                      (any) ◄────► unreachable        nobody can look now; it says nothing about the run
 *                      (any) ─────► lost               it can't be there any more; the reason says why
 * ```
 */
export type RunLife = "none" | "starting" | "running" | "orphan" | "dead" | "rebooted" | "unreachable" | "lost";

export interface RunExit {
  readonly code: number;
  /** ms, by the clock of the host that ran it. */
  readonly at: number;
}

export interface RunStatus {
  readonly life: RunLife;
  readonly exit: RunExit | null;
  /** How long the command runs, by the host's monotonic clock; null when unknown. */
  readonly ageMs: number | null;
  /** Process group of the command, for telemetry; null where there is none to read. */
  readonly group: number | null;
  /** Of `unreachable` and `lost`, in words. */
  readonly reason?: string | undefined;
}

export type StopSignal = "SIGTERM" | "SIGKILL";

/** One way to run a command: local process, SSH host, Slurm. */
export interface Executor {
  readonly kind: "local" | "ssh" | "slurm";
  /** Starts the wrapper in a directory that holds `cmd`. Safe to call twice: the wrapper's lock lets one through. */
  launch(handle: RunHandle): Promise<void>;
  /** Looks at life first and at `exit` after it, so "dead without exit" is final after a few looks. */
  inspect(handle: RunHandle): Promise<RunStatus>;
  /**
   * Signals the command's group, if pid and start time still match, and every process of `leftovers`. False when there was
   * nobody to signal. The wrapper is not among them: it lives to write `exit`.
   */
  stop(handle: RunHandle, signal: StopSignal): Promise<boolean>;
  /** Pids that carry the run's marker: what left the group (`setsid`, daemons) and what outlived the command. null: nobody can look now. */
  leftovers(handle: RunHandle): Promise<readonly number[] | null>;
  /** Takes the wrapper's lock, so that a wrapper that is merely late can't start any more. False: it has started. */
  forbid(handle: RunHandle): Promise<boolean>;
  /** Nothing more will be asked about this run. */
  forget(handle: RunHandle): void;
}

/** The wrapper script; the bundle keeps it beside its chunks. Text of it goes over ssh and into Slurm jobs. */
export const wrapperFile = fileURLToPath(new URL("./hubify-run.sh", import.meta.url));
