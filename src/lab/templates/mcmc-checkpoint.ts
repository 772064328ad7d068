import { posix } from "node:path";
import { z } from "zod";
import type { ChainRow, ChainState, MetropolisChain } from "./metropolis.js";
import { type Bench, toJson } from "./program.js";

/** What a run of the sampler needs to go on as if it had never stopped. */
export interface SavedSampling {
  readonly chains: readonly { readonly state: ChainState; readonly rows: readonly ChainRow[] }[];
  readonly rest: SamplingRest;
  /** Rows of the progress file. */
  readonly checks: readonly string[];
}

/** Where the sampler as a whole stands. */
export interface SamplingRest {
  /** Ranks of the chains that wait for the next convergence test. */
  readonly ready: readonly number[];
  readonly rminus1: number | null;
  readonly rminus1Bounds: number | null;
}

export interface CheckpointWriter {
  /** Whether it is time for another. */
  isDue(): boolean;
  save(at: CheckpointState): void;
}

export interface CheckpointState {
  readonly rest: SamplingRest;
  readonly checks: readonly string[];
  readonly totalSteps: number;
  readonly resumable: boolean;
}

/** Between two checkpoints where nobody says otherwise. */
const defaultSeconds = 10;

const chainFile = (folder: string, rank: number) => posix.join(folder, `chain.${rank + 1}.jsonl`);
const checksFile = (folder: string) => posix.join(folder, "progress.txt");
const stageFile = (folder: string) => posix.join(folder, "checkpoint.json");

/**
 * The folder `<prefix>/` in $HUBIFY_CHECKPOINT_DIR: `checkpoint.json` by the lab's convention, and what is longer beside it. Rows are
 * only ever added, and `checkpoint.json`, written last and whole, says how many of them count. Without the variable nothing is written.
 */
export function createCheckpointWriter(
  bench: Bench,
  prefix: string,
  chains: readonly MetropolisChain[],
): CheckpointWriter {
  const place = bench.env("HUBIFY_CHECKPOINT_DIR");
  if (place === undefined) return { isDue: () => false, save: () => undefined };
  const folder = posix.join(place, prefix);
  const everyMs = 1000 * (Number(bench.env("HUBIFY_CHECKPOINT_SECONDS")) || defaultSeconds);
  let savedAt = bench.now();
  let savedRows: number[] | null = null;
  let savedChecks = 0;
  const add = (file: string, lines: readonly string[], isFirst: boolean) => {
    if (isFirst) bench.saveFile(file, lines.join(""));
    else if (lines.length > 0) bench.appendFile(file, lines.join(""));
  };
  return {
    isDue: () => bench.now() - savedAt >= everyMs,
    save({ rest, checks, totalSteps, resumable }) {
      savedAt = bench.now();
      const isFirst = savedRows === null;
      for (const { rank, rows } of chains)
        add(chainFile(folder, rank), rows.slice(savedRows?.[rank]).map(rowLine), isFirst);
      add(checksFile(folder), checks.slice(savedChecks), isFirst);
      savedRows = chains.map(({ rows }) => rows.length);
      savedChecks = checks.length;
      const state = {
        ...rest,
        checks: checks.length,
        chains: chains.map((chain) => ({ ...chain.state(), rows: chain.rows.length })),
      };
      bench.saveFile(
        stageFile(folder),
        toJson({
          experiment_id: bench.env("HUBIFY_EXPERIMENT_ID") ?? null,
          step: chains.reduce((sum, { rows }) => sum + rows.length, 0),
          step_name: chains.some(({ burnInLeft }) => burnInLeft > 0) ? "burn-in" : "sampling",
          total_steps: totalSteps,
          state,
          gpu_hours_so_far: 0,
          cost_so_far: null,
          timestamp: new Date(savedAt).toISOString(),
          resumable,
        }),
      );
    },
  };
}

const rowLine = ({ weight, minusLogPost, values }: ChainRow) =>
  `${JSON.stringify([weight, minusLogPost, ...values])}\n`;

function readRow(line: string): ChainRow {
  const [weight, minusLogPost, ...values] = z.array(z.number()).min(3).parse(JSON.parse(line));
  return { weight: weight ?? 0, minusLogPost: minusLogPost ?? 0, values };
}

const Row = z.object({ weight: z.number(), minusLogPost: z.number(), values: z.array(z.number()) });

const Stage = z.object({
  state: z.object({
    ready: z.array(z.int()),
    rminus1: z.number().nullable(),
    rminus1Bounds: z.number().nullable(),
    checks: z.int(),
    chains: z.array(
      z.object({
        steps: z.int(),
        burnInLeft: z.int(),
        current: Row,
        proposal: z.array(z.array(z.number())),
        random: z.object({
          words: z.tuple([z.number(), z.number(), z.number(), z.number()]),
          spare: z.number().nullable(),
        }),
        rows: z.int(),
      }),
    ),
  }),
});

/** What $HUBIFY_RESUME_FROM names: the folder, or the `checkpoint.json` in it. Throws when it can't be read. */
export function readCheckpoint(bench: Bench, from: string): SavedSampling {
  const folder = from.endsWith(".json") ? posix.dirname(from) : from;
  const { chains, checks, ...rest } = Stage.parse(JSON.parse(bench.readFile(stageFile(folder)))).state;
  return {
    rest,
    checks: linesOf(bench.readFile(checksFile(folder)), checks),
    chains: chains.map(({ rows, ...state }, rank) => ({
      state,
      rows: linesOf(bench.readFile(chainFile(folder, rank)), rows).map(readRow),
    })),
  };
}

/** The first lines, with their ends; what was added after the checkpoint does not count. */
function linesOf(text: string, count: number): string[] {
  const lines = text.match(/.*\n/g) ?? [];
  if (lines.length < count) throw new Error(`has ${lines.length} lines of ${count}`);
  return lines.slice(0, count);
}
