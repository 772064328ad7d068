import type { Experiment, ExperimentConfig } from "../../../contract/experiment.js";
import type { Reproduction } from "../../../contract/qc.js";

/** A run that is about to start, or has ended. */
export interface RecordedRun {
  readonly config: ExperimentConfig;
  /** Its directory here, with `config.json` in it. */
  readonly dir: string;
  readonly work: string;
  readonly remoteDir: string | null;
}

/** Keeps what is needed to do a run again, in its directory: `reproduction.json`. */
export interface Recorder {
  /**
   * Before the start: script, config, seeds, host. What takes longer (git, packages, inputs) follows in the background. A record
   * that can't be made keeps no run from starting.
   */
  begin(experiment: Pick<Experiment, "experimentId" | "template" | "podId">, run: RecordedRun): Promise<void>;
  /**
   * After the end, with what is not the same any more. `until`: somebody requires what may still be on its way, and waits for it
   * until then; null: nobody does.
   */
  end(
    run: Omit<RecordedRun, "work">,
    options: { readonly endedAt: number; readonly until: AbortSignal | null },
  ): Promise<Reproduction | null>;
}
