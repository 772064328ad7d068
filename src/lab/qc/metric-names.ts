/** Names under which runs and their result files tell the same number. */
const overall: Readonly<Record<string, readonly string[]>> = {
  rMinus1: ["chain.rminus1", "rhat_minus_1", "rminus1", "Rminus1", "r_minus_1"],
  rHat: ["rhat", "r_hat", "R-hat", "max_rhat", "rhat_max"],
  rMinus1Cl: ["chain.rminus1_cl", "rminus1_cl", "Rminus1_cl"],
  ess: ["chain.ess", "ess", "min_ess", "ess_min", "effective_sample_size"],
  drift: ["drift", "max_drift", "drift_max"],
  acceptance: ["chain.acceptance", "acceptance", "acceptance_rate"],
};

/** A metric and its other names: what a bound on any of them means. */
export function metricNames(name: string): readonly string[] {
  const family = Object.values(overall).find((names) => names.includes(name));
  return family === undefined ? [name] : [name, ...family.filter((other) => other !== name)];
}

export const overallNames = (quantity: keyof typeof overall): readonly string[] => overall[quantity] ?? [];

/** `ess.H0`, `H0.ess`, `H0_ess`, `ess_H0`. */
const around = (words: readonly string[], parameter: string) =>
  words.flatMap((word) => [
    `${word}.${parameter}`,
    `${parameter}.${word}`,
    `${parameter}_${word}`,
    `${word}_${parameter}`,
  ]);

/** A parameter's own diagnostics. */
export const parameterNames = {
  rMinus1: (parameter: string) => around(["rhat_minus_1", "rminus1", "Rminus1", "Rhat_minus_1"], parameter),
  rHat: (parameter: string) => around(["rhat", "r_hat", "Rhat"], parameter),
  ess: (parameter: string) => around(["ess", "ESS"], parameter),
  drift: (parameter: string) => around(["drift"], parameter),
} as const;

const tables = ["param_stats", "parameters", "stats"];

/** Where a parameter's value is told: as a metric, or as the mean in a table of result files. */
export const parameterValue = (parameter: string): readonly string[] => [
  parameter,
  ...["mean", "value", "best_fit"].flatMap((word) => [
    `${parameter}.${word}`,
    `${parameter}_${word}`,
    ...tables.map((table) => `${table}.${parameter}.${word}`),
  ]),
  ...tables.map((table) => `${table}.${parameter}`),
];

export const parameterError = (parameter: string): readonly string[] =>
  ["std", "error", "err", "sigma"].flatMap((word) => [
    `${parameter}_${word}`,
    `${parameter}.${word}`,
    `${word}_${parameter}`,
    ...tables.map((table) => `${table}.${parameter}.${word}`),
  ]);
