import type { Template } from "../../contract/lab.js";
import type { Clock } from "../../core/clock.js";
import type { Executor } from "../executors/executor.js";
import type { Hosts } from "../hosts/hosts.js";
import type { Recorder } from "../qc/record/recorder.js";
import type { FiguresService } from "../services/figures.js";
import type { Services } from "../services/service.js";
import type { LabStore } from "../store/store.js";

/** What following and starting runs needs. */
export interface RunParts {
  readonly store: LabStore;
  readonly services: Pick<Services, "experiments" | "labs" | "logs" | "metrics" | "pods">;
  /** How runs on a pod are started and followed. null: the row of a run that is older than pods; it ran here. */
  readonly executorFor: (podId: string | null) => Executor;
  /** Machines of others that runs may be on; null: this lab has this machine only. */
  readonly hosts: Pick<Hosts, "session" | "state"> | null;
  /** Absolute. Runs are in `runs/`, scripts of relative paths in `scripts/`. */
  readonly dataDir: string;
  readonly recorder: Recorder;
  /** Where the pictures that a run leaves are registered; none where there are no figures. */
  readonly figures?: Pick<FiguresService, "register"> | undefined;
  readonly clock: Clock;
  /** Monotonic milliseconds: durations are not measured by the wall clock, which jumps. */
  readonly nowMs: () => number;
  readonly templates: readonly Template[];
  /** Runs templates and scripts in JavaScript. */
  readonly nodePath: string;
  /** Bundle entry that runs a template: `node <entry> <name>`. */
  readonly templatesEntry: string;
  /** Environment of check commands, as runs inherit it. */
  readonly env: NodeJS.ProcessEnv;
  /** Niceness of runs, 0..19. */
  readonly nice: number;
  readonly log: (line: string) => void;
}
