import type { MetricPoint, MetricSeries } from "../contract/metrics.js";
import { type Checkpoint, type EtaRange, estimateEta } from "./eta.js";
import type { ChainMark } from "./event.js";
import { groupBy } from "./group-by.js";
import { median } from "./median.js";
import { type RankHealth, rankHealth, silenceLimitMs } from "./rank-health.js";

/** Cobaya's `Rminus1_stop` and `Rminus1_cl_stop`, for a run whose config names none. */
export const defaultTargets = { rminus1: 0.01, rminus1Cl: 0.2 } as const;

/** This many tests without a new best R-1 mean that the chain gets nowhere. */
const plateauCheckpoints = 8;
const stragglerRatio = 3;

export interface Target {
  readonly value: number;
  /** Not the run's own number but Cobaya's default. */
  readonly isDefault: boolean;
}

/** One of the two convergence numbers, oldest test first. `latest` is null before the first test. */
export interface Convergence {
  readonly latest: Checkpoint | null;
  readonly history: readonly Checkpoint[];
  readonly target: Target;
}

/** The health of a running chain, from its metric points. null is unknown, never zero. */
export interface ChainHealth {
  /** False if the series has nothing of a chain: a training run or a sweep. */
  readonly isChain: boolean;
  readonly means: Convergence;
  readonly bounds: Convergence;
  /** `thinned`: the sampler thins oversampled blocks, which inflates the printed rate; no alarm should trust it. */
  readonly acceptance: { readonly value: number; readonly thinned: boolean } | null;
  /** Sums over ranks. */
  readonly steps: number | null;
  readonly accepted: number | null;
  readonly stepsPerSecond: number | null;
  readonly acceptedPerHour: number | null;
  /** Accepted steps until the last rank has burned in; 0 when all have. */
  readonly burnInLeft: number | null;
  readonly ranks: readonly RankHealth[];
  /** Steps per second of the slowest rank over the fastest, 0..1; null for a single rank. */
  readonly slowestToFastest: number | null;
  /** Ranks at a third of the median pace or less. */
  readonly stragglers: readonly number[];
  readonly ess: number | null;
  readonly converged: boolean;
  readonly convergedAt: number | null;
  /** Ranks whose steps advance while nothing is accepted for three lines. */
  readonly stuckEarly: readonly number[];
  /** The sampler itself said that it is stuck. */
  readonly stuckAt: number | null;
  readonly cutOffAt: number | null;
  readonly notFiniteAt: number | null;
  /** R-1 has not improved over the last eight tests. */
  readonly plateau: boolean;
  /** Time since the last point, and whether that is longer than this chain's own rhythm explains. */
  readonly silentForMs: number | null;
  readonly silent: boolean;
  readonly restarts: number;
  readonly eta: EtaRange | null;
}

/** What a person on call wants to know of a chain. `nowMs` is the reader's clock. */
export function summarise(series: MetricSeries, nowMs: number): ChainHealth {
  const byName = groupBy(series.points, ({ name }) => name);
  const named = (name: string) => byName.get(name) ?? [];
  const markedAt = (mark: ChainMark) => named(mark).at(-1)?.at ?? null;

  const means = convergence(named("chain.rminus1"), series.targets.rminus1, defaultTargets.rminus1);
  const bounds = convergence(named("chain.rminus1_cl"), series.targets.rminus1_cl, defaultTargets.rminus1Cl);
  const convergedAt = whenConverged(means, bounds, {
    converged: markedAt("chain.converged"),
    resumed: markedAt("chain.resumed"),
  });
  const ranks = ranksOf(byName);
  const paces = ranks.flatMap(({ stepsPerSecond }) => stepsPerSecond ?? []);
  const acceptance = named("chain.acceptance").at(-1);
  const lastAt = series.points.at(-1)?.at;
  const silentForMs = lastAt === undefined ? null : Math.max(0, nowMs - lastAt);

  return {
    isChain: series.points.some(({ name }) => name.startsWith("chain.")),
    means,
    bounds,
    acceptance:
      acceptance === undefined ? null : { value: acceptance.value, thinned: markedAt("chain.oversampled") !== null },
    steps: total(ranks, ({ steps }) => steps),
    accepted: total(ranks, ({ accepted }) => accepted),
    stepsPerSecond: total(ranks, ({ stepsPerSecond }) => stepsPerSecond),
    acceptedPerHour: total(ranks, ({ acceptedPerHour }) => acceptedPerHour),
    burnInLeft: greatest(ranks.map(({ burnInLeft }) => burnInLeft)),
    ranks,
    slowestToFastest: paces.length < 2 || Math.max(...paces) === 0 ? null : Math.min(...paces) / Math.max(...paces),
    stragglers: stragglersOf(ranks),
    ess: named("chain.ess").at(-1)?.value ?? null,
    converged: convergedAt !== null,
    convergedAt,
    stuckEarly: ranks.filter(({ stuckEarly }) => stuckEarly).map(({ rank }) => rank),
    stuckAt: markedAt("chain.stuck"),
    cutOffAt: markedAt("chain.cut_off"),
    notFiniteAt: markedAt("chain.not_finite"),
    plateau: isPlateau(means.history),
    silentForMs,
    silent: silentForMs !== null && silentForMs > silenceLimitMs(named("chain.steps")),
    restarts: named("chain.resumed").length,
    eta: convergedAt !== null ? null : estimateEta(means.history, means.target.value, nowMs),
  };
}

function convergence(points: readonly MetricPoint[], own: number | null, fallback: number): Convergence {
  const history = points.map(({ step, value, at }) => ({ step, value, at }));
  return {
    latest: history.at(-1) ?? null,
    history,
    target: { value: own ?? fallback, isDefault: own === null },
  };
}

/**
 * The sampler's word, unless the run was resumed after it; else R-1 of the means below its target twice in a row, and that
 * of the bounds too where the run tests them.
 */
function whenConverged(
  means: Convergence,
  bounds: Convergence,
  markedAt: { readonly converged: number | null; readonly resumed: number | null },
): number | null {
  if (markedAt.converged !== null && markedAt.converged >= (markedAt.resumed ?? 0)) return markedAt.converged;
  const [before, last] = means.history.slice(-2);
  if (before === undefined || last === undefined) return null;
  const meansAreBelow = before.value < means.target.value && last.value < means.target.value;
  const boundsAreBelow = bounds.latest === null || bounds.latest.value < bounds.target.value;
  return meansAreBelow && boundsAreBelow ? last.at : null;
}

function ranksOf(byName: ReadonlyMap<string, readonly MetricPoint[]>): readonly RankHealth[] {
  const perRank = (name: string) => groupBy(byName.get(name) ?? [], ({ rank }) => rank);
  const steps = perRank("chain.steps");
  const accepted = perRank("chain.accepted");
  const burnIn = perRank("chain.burnin_left");
  const ranks = [...new Set([...steps.keys(), ...accepted.keys()])].sort((a, b) => a - b);
  return ranks.map((rank) =>
    rankHealth(rank, {
      steps: steps.get(rank) ?? [],
      accepted: accepted.get(rank) ?? [],
      burnInLeft: burnIn.get(rank) ?? [],
    }),
  );
}

/** Sum over the ranks that know; null if none does. */
function total(ranks: readonly RankHealth[], of: (rank: RankHealth) => number | null): number | null {
  const known = ranks.flatMap((rank) => of(rank) ?? []);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

function stragglersOf(ranks: readonly RankHealth[]): readonly number[] {
  const middle = median(ranks.flatMap(({ stepsPerSecond }) => stepsPerSecond ?? []));
  if (middle === null || middle === 0 || ranks.length < 2) return [];
  return ranks
    .filter(({ stepsPerSecond }) => stepsPerSecond !== null && stepsPerSecond * stragglerRatio <= middle)
    .map(({ rank }) => rank);
}

function isPlateau(history: readonly Checkpoint[]): boolean {
  const before = history.slice(0, -plateauCheckpoints).map(({ value }) => value);
  const recent = history.slice(-plateauCheckpoints).map(({ value }) => value);
  return before.length > 0 && Math.min(...recent) >= Math.min(...before);
}
