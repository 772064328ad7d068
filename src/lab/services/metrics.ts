import type { Template } from "../../contract/lab.js";
import type { MetricPoint } from "../../contract/metrics.js";
import type { LabStore } from "../store/store.js";
import { mergeConfig } from "./experiment-config.js";
import { needRow } from "./experiment-rows.js";
import type { MetricsService } from "./service.js";

/** Rows of one insert: SQLite takes 32,766 values. */
const rowsPerInsert = 1000;
/** Points that are sent of one line of a chart: more than any screen has columns. */
const pointsPerLine = 600;

/** Config keys in which the supported samplers keep their own stop targets. */
const targetKeys = {
  rminus1: /^(rminus1_?stop|rminus1_?target|rhat_?minus_?1_?stop)$/i,
  rminus1_cl: /^rminus1_?cl_?stop$/i,
};

/** The numbers that runs print. */
export function createMetrics(store: LabStore, templates: readonly Template[]): MetricsService {
  return {
    async series(ref) {
      const { id, attempt, config, template } = await needRow(store.db, ref);
      const defaults = templates.find(({ name }) => name === template)?.config ?? {};
      const merged = mergeConfig(defaults, JSON.parse(config) as Record<string, unknown>);
      const points = await store.db
        .selectFrom("metrics")
        .select(["name", "rank", "step", "value", "at"])
        .where("experiment_id", "=", id)
        .where("attempt", "=", attempt)
        .orderBy("n")
        .execute();
      return { experimentId: id, points: thinByLine(points), targets: targetsOf(merged) };
    },

    append: (experimentId, attempt, points) =>
      store.change(async ({ tx, touch }) => {
        const rows = points.map(({ name, rank, step, value, at }) => ({
          experiment_id: experimentId,
          attempt,
          name,
          rank,
          step,
          value,
          at,
        }));
        for (let from = 0; from < rows.length; from += rowsPerInsert) {
          await tx
            .insertInto("metrics")
            .values(rows.slice(from, from + rowsPerInsert))
            .execute();
        }
        if (rows.length > 0) touch(`metrics:${experimentId}`);
      }),
  };
}

/** Every line of the chart with at most 600 points, evenly chosen; its first and its newest are always there. */
export function thinByLine(points: readonly MetricPoint[]): MetricPoint[] {
  const sizes = new Map<string, number>();
  const keyOf = ({ name, rank }: MetricPoint) => `${name}|${rank}`;
  for (const point of points) sizes.set(keyOf(point), (sizes.get(keyOf(point)) ?? 0) + 1);
  const seen = new Map<string, number>();
  return points.filter((point) => {
    const key = keyOf(point);
    const index = seen.get(key) ?? 0;
    const size = sizes.get(key) ?? 0;
    seen.set(key, index + 1);
    if (size <= pointsPerLine || index === size - 1) return true;
    const share = (pointsPerLine - 1) / (size - 1);
    return index === 0 || Math.floor(index * share) !== Math.floor((index - 1) * share);
  });
}

/** The sampler's stop targets, wherever in the config they stand (`mcmc.Rminus1_stop`); a QC bound is the next best. */
export function targetsOf(config: unknown): { rminus1: number | null; rminus1_cl: number | null } {
  const bound = findNumber(config, /^(rhat_minus_1|rminus1|chain\.rminus1)$/, (value) => findNumber(value, /^max$/));
  return {
    rminus1: findNumber(config, targetKeys.rminus1) ?? bound,
    rminus1_cl: findNumber(config, targetKeys.rminus1_cl),
  };
}

function findNumber(value: unknown, key: RegExp, inner: (value: unknown) => number | null = asNumber): number | null {
  if (typeof value !== "object" || value === null) return null;
  for (const [name, child] of Object.entries(value)) {
    const found = (key.test(name) ? inner(child) : null) ?? findNumber(child, key, inner);
    if (found !== null) return found;
  }
  return null;
}

const asNumber = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null);
