import { dot, type Matrix, type Vector } from "./matrix.js";
import type { Random, RandomState } from "./random.js";

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
  /** All of it but its rows, for a chain that goes on from here. */
  state(): ChainState;
  /** From now on propose with the Cholesky factor of this covariance, times 2.4 / √d. */
  proposeWith(lower: Matrix): void;
}

export interface ChainState {
  readonly steps: number;
  readonly burnInLeft: number;
  /** Where it stands, and for how many steps. */
  readonly current: ChainRow;
  readonly proposal: Matrix;
  readonly random: RandomState;
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
  /** The chain as it was left, in place of a new one. */
  readonly resumed?: { readonly state: Omit<ChainState, "random">; readonly rows: readonly ChainRow[] } | undefined;
}

/** Random-walk Metropolis (Metropolis et al. 1953) with a Gaussian proposal that may be exchanged while it runs. */
export function createMetropolisChain(from: ChainStart): MetropolisChain {
  const { rank, random, minusLogPost } = from;
  const rows: ChainRow[] = [...(from.resumed?.rows ?? [])];
  // The best scale of a random walk in a Gaussian of d dimensions is 2.4 / √d (Dunkley et al. 2005, astro-ph/0405462).
  const scale = 2.4 / Math.sqrt(from.start.length);
  let { proposal, current, steps, burnInLeft } = from.resumed?.state ?? {
    proposal: from.proposal,
    current: { weight: 1, minusLogPost: minusLogPost(from.start), values: from.start },
    steps: 0,
    burnInLeft: from.burnIn,
  };

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
    state: () => ({ steps, burnInLeft, current, proposal, random: random.state() }),
    proposeWith(lower) {
      proposal = lower;
    },
  };
}
