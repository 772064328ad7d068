import { z } from "zod";
import { minusLogPosterior, type Parameter, parameters } from "./bao-posterior.js";
import { type ChainFiles, createChainFiles } from "./chain-files.js";
import { momentsOf } from "./chain-statistics.js";
import { acceptanceMessage, cobayaLine, progressMessage, rminus1Message } from "./cobaya-text.js";
import { meanCovariance, rminus1OfBounds, rminus1OfMeans } from "./gelman-rubin.js";
import { cholesky, diagonal } from "./matrix.js";
import {
  type CheckpointWriter,
  createCheckpointWriter,
  readCheckpoint,
  type SavedSampling,
} from "./mcmc-checkpoint.js";
import { acceptanceOf, essOf, report } from "./mcmc-report.js";
import { createMetropolisChain, type MetropolisChain } from "./metropolis.js";
import { paced } from "./pace.js";
import { type Bench, defineProgram } from "./program.js";
import { createRandom, type Random, restoreRandom } from "./random.js";

const Config = z.looseObject({
  chains: z.int().min(2).max(64).default(4).describe("How many chains walk side by side."),
  seed: z.int().default(1).describe("Of the random numbers: the same seed gives the same chains."),
  Rminus1_stop: z
    .number()
    .positive()
    .default(0.01)
    .describe("Stops when R-1 of the means was below it twice in a row, and that of the bounds below its own."),
  Rminus1_cl_stop: z.number().positive().default(0.2).describe("The same for R-1 of the 95 % bounds."),
  burnIn: z.int().min(0).default(10).describe("Accepted steps of each chain that are thrown away at first."),
  learnEvery: z.int().min(4).default(25).describe("Accepted steps of each chain between two convergence tests."),
  maxSteps: z.int().positive().default(20_000).describe("Accepted steps of each chain at most."),
  stepsPerSecond: z.number().min(0).default(8).describe("Steps of each chain per second; 0 is as fast as it goes."),
  outputEverySeconds: z.number().min(0).default(5).describe("Time between two lines that tell of progress."),
  prefix: z
    .string()
    .regex(/^[\w-][\w.-]*$/, "must be a plain file name")
    .default("bao")
    .describe("Start of the names of the files."),
});
type Config = z.infer<typeof Config>;

/** This many rejections in a row mean that something is wrong; Cobaya's `max_tries` in the burn-in, 400 per dimension. */
const maxTries = 400 * parameters.length;

/** Above this R-1 the pooled covariance says more about where the chains started than about the posterior. */
const learnBelow = 30;

/** Everything a run of the sampler carries along. */
interface Sampling {
  readonly config: Config;
  readonly bench: Bench;
  readonly files: ChainFiles;
  readonly checkpoints: CheckpointWriter;
  readonly chains: readonly MetropolisChain[];
  readonly ready: Set<number>;
  /** R-1 of the means at the last test. */
  rminus1: number | null;
  rminus1Bounds: number | null;
  converged: boolean;
}

type Ending = "converged" | "cut off" | "stuck" | "stopped";

export const mcmc = defineProgram({
  template: {
    name: "mcmc",
    title: "MCMC chain, flat ΛCDM on DESI 2024 BAO",
    description:
      "Adaptive Metropolis chains over the matter density and H0·r_d on the published DESI 2024 BAO distances (arXiv:2404.03002). Prints and writes what Cobaya would; stops when R-1 is below its targets.",
    computeMode: "CPU",
    config: {
      ...Config.parse({}),
      outputs: ["summary.json", "bao.progress", "bao.checkpoint", "bao.1.txt"],
      qc: {
        metrics: {
          "chain.rminus1": { max: 0.01 },
          "chain.rminus1_cl": { max: 0.2 },
          "chain.ess": { min: 400 },
          omega_m: { min: 0.2, max: 0.4 },
          h0_rd: { min: 9000, max: 11_500 },
        },
      },
    },
    estimatedSeconds: 400,
  },
  config: Config,
  work: sample,
});

async function sample(config: Config, bench: Bench): Promise<number> {
  const from = bench.env("HUBIFY_RESUME_FROM");
  const sampling = from === undefined ? begin(config, bench) : resume(config, bench, from);
  if (sampling === null) return 1;
  const ending = await walk(sampling);
  sampling.files.saveChains();
  sampling.files.saveCheckpoint(sampling);
  keep(sampling, ending === "stopped");
  if (ending === "stopped") bench.print(cobayaLine(0, "CHECKPOINT SAVED (emergency freeze)"));
  const accepted = sampling.chains.reduce((sum, { rows }) => sum + rows.length, 0);
  if (ending === "converged") bench.print(cobayaLine(0, `Sampling complete after ${accepted} accepted steps.`));
  if (ending === "converged" || ending === "cut off") report(sampling);
  return ending === "stuck" ? 1 : 0;
}

function begin(config: Config, bench: Bench): Sampling {
  const say = (rank: number, message: string) => bench.print(cobayaLine(rank, message));
  say(0, `*WARNING* This run has been SEEDED with seed ${config.seed}`);
  say(0, "Getting initial point... (this may take a few seconds)");
  const chains = Array.from({ length: config.chains }, (_, rank) => {
    const random = createRandom(config.seed, rank + 1);
    const start = parameters.map((parameter) => startOf(parameter, random));
    const point = parameters.map(({ name }, axis) => `${name}:${Number((start[axis] ?? 0).toPrecision(6))}`);
    say(rank, `Initial point: ${point.join(", ")}`);
    return createMetropolisChain({ ...chainOf(config), rank, random, start });
  });
  say(
    0,
    `Covariance matrix not present. We will start learning the covariance of the proposal at once: R-1 = ${learnBelow}.`,
  );
  const note = ` (NB: no accepted step will be saved until ${config.burnIn} burn-in samples have been obtained)`;
  say(0, `Sampling!${config.burnIn > 0 ? note : ""}`);
  return samplingOf(config, bench, { chains, checks: [], rest: { ready: [], rminus1: null, rminus1Bounds: null } });
}

/** Goes on where an earlier run stopped; null: not from there, and it was said why. */
function resume(config: Config, bench: Bench, from: string): Sampling | null {
  const say = (message: string) => bench.print(cobayaLine(0, message));
  try {
    const saved = readCheckpoint(bench, from);
    const count = saved.chains.length;
    if (count !== config.chains) throw new Error(`it has ${count} chains, and ${config.chains} are asked for`);
    const chains = saved.chains.map((resumed, rank) => {
      const random = restoreRandom(resumed.state.random);
      return createMetropolisChain({ ...chainOf(config), rank, random, start: resumed.state.current.values, resumed });
    });
    const samples = chains.reduce((sum, { rows }) => sum + rows.length, 0);
    say(`Resuming from ${from}: ${count} chains with ${samples} samples.`);
    return samplingOf(config, bench, { ...saved, chains });
  } catch (error) {
    say(`*ERROR* Can't resume from ${from}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

const chainOf = ({ burnIn }: Config) => ({
  proposal: diagonal(parameters.map((parameter) => parameter.proposal)),
  burnIn,
  minusLogPost: minusLogPosterior,
});

interface Standing extends Pick<SavedSampling, "rest" | "checks"> {
  readonly chains: readonly MetropolisChain[];
}

function samplingOf(config: Config, bench: Bench, { chains, checks, rest }: Standing): Sampling {
  const files = createChainFiles(bench, config.prefix, { chains, checks });
  const checkpoints = createCheckpointWriter(bench, config.prefix, chains);
  const { rminus1, rminus1Bounds } = rest;
  const ready = new Set(rest.ready);
  return { config, bench, files, checkpoints, chains, ready, rminus1, rminus1Bounds, converged: false };
}

/** At most so many samples will be in all; it stops earlier when it has converged. */
function keep({ config, chains, files, checkpoints, ...at }: Sampling, resumable: boolean): void {
  const rest = { ready: [...at.ready], rminus1: at.rminus1, rminus1Bounds: at.rminus1Bounds };
  checkpoints.save({ rest, checks: files.checks(), totalSteps: config.maxSteps * chains.length, resumable });
}

const startOf = ({ start: [from, to] }: Parameter, random: Random) => from + (to - from) * random.uniform();

/** Interleaves the chains step by step, as MPI ranks would run side by side. */
async function walk(sampling: Sampling): Promise<Ending> {
  const { config, bench, chains, files } = sampling;
  let printedAt = bench.now();
  for await (const rounds of paced(bench, config.stepsPerSecond)) {
    for (let round = 0; round < rounds; round++) {
      const ending = stepAll(sampling);
      if (ending !== null) return ending;
    }
    if (sampling.checkpoints.isDue()) keep(sampling, true);
    if (bench.now() - printedAt < config.outputEverySeconds * 1000) continue;
    printedAt = bench.now();
    for (const { rank, steps, rows, burnInLeft } of chains)
      bench.print(cobayaLine(rank, progressMessage(printedAt, { steps, accepted: rows.length, burnInLeft })));
    files.saveChains();
    files.saveCheckpoint(sampling);
  }
  return "stopped";
}

/** One step of every chain, and whatever follows from it. */
function stepAll(sampling: Sampling): Ending | null {
  const { config, bench, chains, ready } = sampling;
  const say = (rank: number, message: string) => bench.print(cobayaLine(rank, message));
  for (const chain of chains) {
    const { rank, rows } = chain;
    const outcome = chain.step();
    if (outcome === "burned-in") say(rank, `Finished burn-in phase: discarded ${config.burnIn} accepted steps.`);
    if (chain.tries > maxTries) {
      say(rank, `*ERROR* The chain has been stuck for ${maxTries} attempts, stopping sampling. Look at the proposal.`);
      return "stuck";
    }
    if (outcome !== "accepted" || rows.length === 0) continue;
    if (rows.length % config.learnEvery === 0) {
      say(rank, `Learn + convergence test @ ${rows.length} samples accepted.`);
      ready.add(rank);
      if (ready.size < chains.length) {
        say(rank, "Ready to check convergence and learn a new proposal covmat (waiting for the rest...)");
      } else {
        say(0, "All chains are ready to check convergence and learn a new proposal covmat");
        ready.clear();
        checkAndLearn(sampling);
        if (sampling.converged) return "converged";
      }
    }
    if (rows.length >= config.maxSteps) {
      say(rank, `Reached maximum number of accepted steps allowed (${config.maxSteps}). Stopping.`);
      return "cut off";
    }
  }
  return null;
}

/** The convergence test of Cobaya: means below their target twice in a row, then bounds below theirs. */
function checkAndLearn(sampling: Sampling): void {
  const { config, bench, chains, files } = sampling;
  const say = (message: string) => bench.print(cobayaLine(0, message));
  const moments = chains.map(({ rows }) => momentsOf(rows));
  const accepted = moments.map((chain) => chain.accepted);
  const acceptance = acceptanceOf(moments);
  const within = meanCovariance(moments);
  const before = sampling.rminus1;
  const rminus1 = rminus1OfMeans(moments);

  say(
    acceptanceMessage(
      acceptance,
      moments.map((chain) => chain.acceptance),
    ),
  );
  if (rminus1 !== null) say(rminus1Message("means", rminus1, accepted));
  sampling.rminus1 = rminus1;
  sampling.rminus1Bounds = null;
  if (rminus1 !== null && before !== null && Math.max(rminus1, before) < config.Rminus1_stop) {
    sampling.rminus1Bounds = rminus1OfBounds(
      chains.map(({ rows }) => rows),
      within,
    );
    say(rminus1Message("bounds", sampling.rminus1Bounds, accepted));
    sampling.converged = sampling.rminus1Bounds < config.Rminus1_cl_stop;
  }
  bench.print(cobayaLine(0, `ESS = ${essOf(sampling).toFixed(0)}`, "diagnostics"));
  const total = accepted.reduce((sum, count) => sum + count, 0);
  files.saveCheck({ accepted: total, acceptance, means: rminus1, bounds: sampling.rminus1Bounds });
  if (sampling.converged) say("The run has converged!");
  else learn(sampling, rminus1, cholesky(within));
}

function learn({ bench, chains }: Sampling, rminus1: number | null, lower: ReturnType<typeof cholesky>): void {
  const say = (message: string) => bench.print(cobayaLine(0, message));
  if (rminus1 === null || lower === null) {
    say(
      "*WARNING* Negative covariance eigenvectors. The samples do not hold enough information yet; nothing is learned.",
    );
  } else if (rminus1 < learnBelow) {
    for (const chain of chains) chain.proposeWith(lower);
    say(" - Updated covariance matrix of proposal pdf.");
  } else {
    say("Convergence less than requested for updates: waiting until the next convergence check.");
  }
}
