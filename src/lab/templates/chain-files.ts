import { chi2Of, parameters } from "./bao-posterior.js";
import { chainFileHead, chainFileRow, checkpointFile, progressFileHead, progressFileRow } from "./cobaya-text.js";
import type { MetropolisChain } from "./metropolis.js";
import type { Bench } from "./program.js";

/** The files Cobaya keeps beside a run: `PREFIX.N.txt`, `PREFIX.progress` and `PREFIX.checkpoint`. */
export interface ChainFiles {
  /** Appends the rows that came since the last time. */
  saveChains(): void;
  /** Adds a row to the progress file; null is not tested. */
  saveCheck(check: { accepted: number; acceptance: number; means: number | null; bounds: number | null }): void;
  /** All rows of the progress file. */
  checks(): readonly string[];
  saveCheckpoint(state: { converged: boolean; rminus1: number | null }): void;
}

interface Chains {
  readonly chains: readonly MetropolisChain[];
  /** Rows of the progress file that an earlier run has written. */
  readonly checks: readonly string[];
}

export function createChainFiles(bench: Bench, prefix: string, { chains, checks: before }: Chains): ChainFiles {
  const checks = [...before];
  const saved = chains.map(() => 0);
  const chainFile = (rank: number) => `${prefix}.${rank + 1}.txt`;
  for (const { rank } of chains) bench.saveFile(chainFile(rank), chainFileHead(parameters.map(({ name }) => name)));
  bench.saveFile(`${prefix}.progress`, [progressFileHead, ...checks].join(""));

  return {
    saveChains() {
      for (const { rank, rows } of chains) {
        const fresh = rows.slice(saved[rank]);
        if (fresh.length === 0) continue;
        bench.appendFile(chainFile(rank), fresh.map((row) => chainFileRow(row, chi2Of(row.values))).join(""));
        saved[rank] = rows.length;
      }
    },
    saveCheck(check) {
      const row = progressFileRow({ ...check, at: bench.now() });
      checks.push(row);
      bench.appendFile(`${prefix}.progress`, row);
    },
    checks: () => checks,
    saveCheckpoint: (state) =>
      bench.saveFile(`${prefix}.checkpoint`, checkpointFile({ ...state, chains: chains.length })),
  };
}
