import type { ChainEvent, ChainMark, ChainPhase } from "../event.js";
import type { Format, Pattern } from "../format.js";
import { toNumber, toNumbers } from "../number.js";

const phase = (name: string, re: RegExp, phaseName: ChainPhase): Pattern => ({
  name,
  re,
  events: (_, rank) => [{ kind: "phase", rank, phase: phaseName }],
});

const mark = (name: string, re: RegExp, markName: ChainMark): Pattern => ({
  name,
  re,
  events: (_, rank) => [{ kind: "mark", rank, mark: markName }],
});

const progress: Pattern = {
  name: "progress",
  re: /^Progress @ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d : (\d+) steps taken(?:, and (\d+) accepted\.| -- still burning in, (\d+) accepted steps left\.)\s*$/,
  events: ([, steps, accepted, left], rank) => [
    {
      kind: "progress",
      rank,
      steps: toNumber(steps),
      accepted: accepted === undefined ? null : toNumber(accepted),
      burnInLeft: left === undefined ? null : toNumber(left),
    },
  ],
};

// "R-1 =" alone is not enough: Cobaya's remark on a missing covariance matrix has it too.
const rminus1: Pattern = {
  name: "rminus1",
  re: /^ ?(?:- )?Convergence of (means|bounds): R-1 = (-?[\d.]+(?:e[+-]?\d+)?|nan|inf) after (\d+) accepted steps(?: = sum\(\[(.*)\]\))?\s*$/,
  events: ([, of, value, accepted, ranks], rank): ChainEvent[] => [
    {
      kind: "rminus1",
      rank,
      of: of === "bounds" ? "bounds" : "means",
      value: toNumber(value),
      accepted: toNumber(accepted),
      perRank: toNumbers(ranks),
    },
  ],
};

/** Cobaya 3.0 to 3.6, `cobaya/samplers/mcmc/mcmc.py`, and the few other loggers that tell of a chain's state. */
export const cobaya: Format = {
  tool: "cobaya",
  family: "chain",
  reads: "message",
  needles: [
    "Progress @",
    "Learn +",
    "Acceptance rate",
    "Average thinned",
    "Convergence ",
    "Finished burn",
    "The run has",
    "The chain has",
    "Proposal has",
    "Resuming from",
    "Oversampling with",
    "Reached maximum",
    "Updated covariance",
    "Ready to check",
    "All chains are",
    "Not enough points",
    "Sampling",
  ],
  patterns: [
    progress,
    {
      name: "checkpoint",
      re: /^Learn \+ convergence test @ (\d+) samples accepted\.\s*$/,
      events: ([, accepted], rank) => [{ kind: "checkpoint", rank, accepted: toNumber(accepted) }],
    },
    {
      name: "acceptance",
      re: /^ ?(?:- )?Acceptance rate: ([\d.]+|nan)(?: = avg\(\[(.*)\]\))?\s*$/,
      events: ([, value, ranks], rank) => [
        { kind: "acceptance", rank, value: toNumber(value), perRank: toNumbers(ranks) },
      ],
    },
    {
      name: "thinned-weight",
      re: /^ ?(?:- )?Average thinned weight: ([\d.]+|nan|inf)(?: = 1\/avg\(\[(.*)\]\))?\s*$/,
      events: ([, value], rank) => [
        { kind: "mark", rank, mark: "chain.oversampled" },
        { kind: "thinned-weight", rank, value: toNumber(value) },
      ],
    },
    rminus1,
    {
      name: "burned-in",
      re: /^Finished burn-in phase: discarded (\d+) accepted steps\.\s*$/,
      events: ([, discarded], rank) => [{ kind: "burned-in", rank, discarded: toNumber(discarded) }],
    },
    mark("converged", /^The run has converged!/, "chain.converged"),
    mark("stuck", /^The chain has been stuck for (\d+) attempts, stopping sampling\./, "chain.stuck"),
    mark("rejected", /^Proposal has been rejected (\d+) times/, "chain.stuck"),
    mark("resumed", /^Resuming from previous sample!/, "chain.resumed"),
    mark("oversampling", /^Oversampling with factors:/, "chain.oversampled"),
    mark("cut-off", /^Reached maximum number of accepted steps allowed \((\S+)\)\. Stopping\./, "chain.cut_off"),
    phase("complete", /^Sampling complete after (\d+) accepted steps\./, "complete"),
    phase("learned", /^ ?(?:- )?Updated covariance matrix of proposal pdf\./, "learned"),
    phase("waiting", /^Ready to check convergence.*\(waiting for the rest\.\.\.\)/, "waiting"),
    phase("ready", /^All chains are ready to check convergence/, "ready"),
    phase("not-yet", /^Convergence less than requested for updates|^Not enough points in chain to check/, "not-yet"),
    phase("started", /^Sampling!/, "started"),
  ],
};
