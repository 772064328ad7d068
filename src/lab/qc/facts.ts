import type { ExperimentConfig } from "../../contract/experiment.js";
import type { QcCheck, QcConfig, QcGate, Reproduction } from "../../contract/qc.js";
import type { CatalogueFacts } from "./catalogue.js";

/** How the run ended, in the words of its exit code; null: nobody knows. */
export interface ExitFacts {
  readonly code: number | null;
  /** It was stopped (cancelled, out of time), in words. */
  readonly stopped: string | null;
}

export interface OutputFacts {
  readonly name: string;
  /** `old`: it was there before the run started. */
  readonly state: "missing" | "empty" | "old" | "there";
  readonly isDirectory: boolean;
  readonly bytes: number;
  /** Counted up to what was asked for; null: not asked. */
  readonly rows: number | null;
}

/** Numbers that are none, and where they were found: `metrics.json: loss`, `metrics.jsonl, line 12`. */
export interface NotFinite {
  readonly place: string;
  readonly value: string;
}

/** Words of a chain with the time at which they came last. */
export interface ChainFacts {
  readonly convergedAt: number | null;
  readonly cutOffAt: number | null;
  readonly resumedAt: number | null;
  readonly notFiniteAt: number | null;
  /** Of the last point of any other metric. */
  readonly lastAt: number | null;
}

/** All that the gates look at, gathered before: they are pure. */
export interface Facts {
  readonly config: ExperimentConfig;
  readonly qc: QcConfig;
  readonly exit: ExitFacts;
  readonly outputs: readonly OutputFacts[];
  /** Printed numbers, and over them those of metrics.json; NaN and infinity as what they are. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Numbers of the other result files, by dotted name: `rhat.H0`, `param_stats.H0.mean`. */
  readonly results: Readonly<Record<string, number>>;
  /** Why a result file can't be read. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
  readonly notFinite: readonly NotFinite[];
  readonly chain: ChainFacts;
  /** The sampler's own stop targets. */
  readonly targets: { readonly rminus1: number | null; readonly rminus1_cl: number | null };
  readonly catalogues: readonly CatalogueFacts[];
  readonly record: Reproduction | null;
}

/** A gate: what it says about a run. No check at all means that there was nothing to look at. */
export interface Gate {
  readonly name: QcGate;
  readonly judge: (facts: Facts) => readonly QcCheck[];
}

/** `0.031`, `NaN`: short enough for a sentence. */
export const shortNumber = (value: number) => String(Number.isFinite(value) ? Number(value.toPrecision(4)) : value);

/** As a check keeps it: JSON has no NaN. */
export const keptValue = (value: number) => (Number.isFinite(value) ? value : String(value));

/** The first of these names that has a value. */
export function valueOf({ metrics, results }: Pick<Facts, "metrics" | "results">, names: readonly string[]) {
  for (const values of [metrics, results]) {
    for (const name of names) if (Object.hasOwn(values, name)) return values[name];
  }
  return undefined;
}
