import { dot, type Matrix, type Vector } from "./matrix.js";
import type { Random } from "./random.js";

/** A point of a chain and how many steps the chain stayed there. */
export interface ChainRow {
  readonly weight: number;
  readonly minusLogPost: number;
  readonly values: Vector;
}

export type StepOutcome = "rejected" | "accepted" | "burned-in";

/** One Metropolis chain. Rows hold what was left behind; the point it stands on is not among them yet. */
export interface MetropolisChain {
  readonly rank: number;
  readonly rows: readonly ChainRow[];
  readonly steps: number;
  readonly burnInLeft: number;
  /** Steps since the last accepted one. */
  readonly tries: number;
  step(): StepOutcome;
  /** From now on propose with the Cholesky factor of this covariance, times 2.4 / √d. */
  proposeWith(lower: Matrix): void;
}

export interface ChainStart {
  readonly rank: number;
  readonly random: Random;
  readonly start: Vector;
  readonly proposal: Matrix;
  /** Accepted steps to throw away first. */
  readonly burnIn: number;
  /** -log posterior up to a constant; Infinity outside the prior. */
  readonly minusLogPost: (values: Vector) => number;
}

/** Random-walk Metropolis (Metropolis et al. 1953) with a Gaussian proposal that may be exchanged while it runs. */
export function createMetropolisChain(from: ChainStart): MetropolisChain {
  const { rank, random, minusLogPost } = from;
  const rows: ChainRow[] = [];
  // The best scale of a random walk in a Gaussian of d dimensions is 2.4 / √d (Dunkley et al. 2005, astro-ph/0405462).
  const scale = 2.4 / Math.sqrt(from.start.length);
  let proposal = from.proposal;
  let current = { weight: 1, minusLogPost: minusLogPost(from.start), values: from.start };
  let steps = 0;
  let burnInLeft = from.burnIn;

  const step = (): StepOutcome => {
    steps += 1;
    const kick = current.values.map(() => random.normal());
    const values = current.values.map((value, index) => value + scale * dot(proposal[index] ?? [], kick));
    const proposed = minusLogPost(values);
    if (!(Math.log(1 - random.uniform()) < current.minusLogPost - proposed)) {
      current = { ...current, weight: current.weight + 1 };
      return "rejected";
    }
    const left = current;
    current = { weight: 1, minusLogPost: proposed, values };
    if (burnInLeft > 0) {
      burnInLeft -= 1;
      return burnInLeft === 0 ? "burned-in" : "accepted";
    }
    rows.push(left);
    return "accepted";
  };

  return {
    rank,
    rows,
    get steps() {
      return steps;
    },
    get burnInLeft() {
      return burnInLeft;
    },
    get tries() {
      return current.weight;
    },
    step,
    proposeWith(lower) {
      proposal = lower;
    },
  };
}
