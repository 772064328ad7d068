import type { QcCheck, QcConfig } from "../../../contract/qc.js";
import { boundCheck } from "../bound.js";
import type { CatalogueFacts } from "../catalogue.js";
import { type Facts, type Gate, valueOf } from "../facts.js";

const gate = "numeric";
/** hubify-api §5.11. */
const documented = { nullCoords: 0.05, valLoss: 1000, clusterShare: 0.8, score: 1e6, topSpreadDegrees: 5 } as const;

type Limits = Required<{ [Name in keyof NonNullable<QcConfig["numeric"]>]-?: number }>;

/** Numbers that are wrong in any experiment, where the run has them: as metrics, or as columns of a CSV output. */
export const numeric: Gate = {
  name: gate,
  judge(facts) {
    const limits: Limits = { ...documented, ...dropUndefined(facts.qc.numeric ?? {}) };
    return [
      ...metricChecks(facts, limits),
      ...facts.catalogues.flatMap((catalogue) => catalogueChecks(catalogue, limits)),
    ];
  },
};

/** Metric names of each quantity, and the limit that holds it. */
const metricsOf: Readonly<
  Record<string, { readonly names: readonly string[]; readonly bound: (limits: Limits) => object }>
> = {
  val_loss: {
    names: ["val_loss", "valid_loss", "validation_loss", "eval_loss", "val/loss", "eval/loss"],
    bound: ({ valLoss }) => ({ max: valLoss }),
  },
  score: { names: ["max_score", "top_score", "anomaly_score", "score"], bound: ({ score }) => ({ max: score }) },
  "null coordinates": {
    names: ["null_coord_fraction", "null_coords_fraction", "null_coords"],
    bound: ({ nullCoords }) => ({ max: nullCoords }),
  },
  "largest cluster": {
    names: ["largest_cluster_fraction", "max_cluster_fraction", "largest_cluster_share"],
    bound: ({ clusterShare }) => ({ max: clusterShare }),
  },
  "spread of the top 20": {
    names: ["top20_spread_deg", "top_20_spread_deg", "top20_separation_deg"],
    bound: ({ topSpreadDegrees }) => ({ min: topSpreadDegrees }),
  },
  "files written": { names: ["files_written", "n_files", "files"], bound: () => ({ min: 1 }) },
};

function metricChecks(facts: Facts, limits: Limits): QcCheck[] {
  return Object.entries(metricsOf).flatMap(([name, { names, bound }]) => {
    const value = valueOf(facts, names);
    const isBounded = names.some((each) => facts.qc.metrics?.[each] !== undefined);
    return value === undefined || isBounded ? [] : [boundCheck({ gate, name }, value, bound(limits))];
  });
}

function catalogueChecks(
  { file, nullCoords, clusterShare, maxScore, topSpreadDegrees }: CatalogueFacts,
  limits: Limits,
) {
  const check = (what: string, value: number | null, bound: object) =>
    value === null ? [] : [boundCheck({ gate, name: `${what} in ${file}` }, value, bound)];
  return [
    ...check("share without coordinates", nullCoords, { max: limits.nullCoords }),
    ...check("share of the largest cluster", clusterShare, { max: limits.clusterShare }),
    ...check("largest score", maxScore, { max: limits.score }),
    ...check("degrees that the top 20 span", topSpreadDegrees, { min: limits.topSpreadDegrees }),
  ];
}

const dropUndefined = (values: object) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
