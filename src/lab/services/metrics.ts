import type { Kysely } from "kysely";
import { thinPoints } from "../../chain/thin-points.js";
import type { Template } from "../../contract/lab.js";
import { type MetricPoint, type MetricsAnswer, type MetricsQuery, NewMetricPoints } from "../../contract/metrics.js";
import { noteRead } from "../access/asking.js";
import { LabError } from "../lab-error.js";
import { parseOrRefuse } from "../refusal.js";
import type { Schema } from "../store/schema.js";
import type { LabStore } from "../store/store.js";
import { resolveRun } from "./experiment-config.js";
import { touchExperiment } from "./experiment-events.js";
import { type ExperimentRow, needRow } from "./experiment-rows.js";
import { createMetricStore, lineKey, mostNames } from "./metric-store.js";
import type { MetricsService } from "./service.js";
import { configSource } from "./template-content.js";

/** Points that are sent of one line of a chart: more than any screen has columns. */
const pointsPerLine = 600;

/** Config keys in which the supported samplers keep their own stop targets. */
const targetKeys = {
  rminus1: /^(rminus1_?stop|rminus1_?target|rhat_?minus_?1_?stop)$/i,
  rminus1_cl: /^rminus1_?cl_?stop$/i,
};

/** The numbers that runs print, write and send. */
export function createMetrics(store: LabStore, templates: readonly Template[]): MetricsService {
  const stored = createMetricStore();

  const read = async (ref: string, query: MetricsQuery): Promise<MetricsAnswer> => {
    const row = await needRow(store.db, ref);
    noteRead(`metrics:${row.id}`);
    const attempt = query.attempt ?? row.attempt;
    const of = { experimentId: row.id, attempt };
    const rows = await pointsOf(store.db, of, query);
    return {
      experimentId: row.id,
      points: thinByLine(rows, query.points ?? pointsPerLine),
      targets: await targetsOfRun(store, row, templates),
      ...(await summaryOf(store.db, of)),
    };
  };

  return {
    read,

    async series(ref) {
      const { experimentId, points, targets } = await read(ref, {});
      return { experimentId, points, targets };
    },

    append: (experimentId, attempt, points) =>
      store.change(async (change) => {
        if ((await stored.append(change, { experimentId, attempt }, points)) > 0)
          change.touch(`metrics:${experimentId}`);
      }),

    async post(ref, given) {
      const { points } = parseOrRefuse(NewMetricPoints, given);
      return store.change(async (change) => {
        const row = await needRow(change.tx, ref);
        if (row.attempt === 0) {
          throw new LabError("conflict", `${row.display_id} has not started: its numbers belong to an attempt`);
        }
        const of = { experimentId: row.id, attempt: row.attempt };
        const fresh = await stored.withoutKnown(
          change,
          of,
          points.map((point) => asStored(point, change.at)),
        );
        const count = await stored.append(change, of, fresh);
        if (count < fresh.length) {
          throw new LabError("validation_error", `points: an attempt has ${mostNames} different names at most`);
        }
        if (fresh.length > 0) {
          const metrics = { ...(JSON.parse(row.metrics) as object), ...lastValues(fresh) };
          await change.tx
            .updateTable("experiments")
            .set({ metrics: JSON.stringify(metrics) })
            .where("id", "=", row.id)
            .execute();
          change.touch(`metrics:${row.id}`);
          touchExperiment(change, row.id);
        }
        return { received: points.length, stored: fresh.length };
      });
    },
  };
}

type Given = ReturnType<typeof NewMetricPoints.parse>["points"][number];

/** NaN and infinity are kept as a mark: a line holds finite numbers only. */
function asStored({ name, rank, step, value, at }: Given, now: number): MetricPoint {
  const point = { rank, step, at: at ?? now };
  return typeof value === "number" ? { ...point, name, value } : { ...point, name: "chain.not_finite", value: 1 };
}

const lastValues = (points: readonly MetricPoint[]) =>
  Object.fromEntries(points.map(({ name, value }) => [name, value]));

interface OfAttempt {
  readonly experimentId: string;
  readonly attempt: number;
}

function pointsOf(db: Kysely<Schema>, { experimentId, attempt }: OfAttempt, query: MetricsQuery) {
  let rows = db
    .selectFrom("metrics")
    .select(["name", "rank", "step", "value", "at"])
    .where("experiment_id", "=", experimentId)
    .where("attempt", "=", attempt)
    .orderBy("n");
  if (query.name !== undefined) rows = rows.where("name", "=", query.name);
  if (query.rank !== undefined) rows = rows.where("rank", "=", query.rank);
  if (query.since !== undefined) rows = rows.where("at", ">=", query.since);
  return rows.execute();
}

/** The names that there are, and the newest point of each. */
async function summaryOf(db: Kysely<Schema>, { experimentId, attempt }: OfAttempt) {
  const lines = await db
    .selectFrom("metrics")
    .select(["name", "rank"])
    .select(({ fn }) => [fn.countAll<number>().as("count"), fn.max("n").as("newest")])
    .where("experiment_id", "=", experimentId)
    .where("attempt", "=", attempt)
    .groupBy(["name", "rank"])
    .execute();
  const byName = new Map<string, { count: number; ranks: number; newest: number }>();
  for (const { name, count, newest } of lines) {
    const known = byName.get(name) ?? { count: 0, ranks: 0, newest: 0 };
    byName.set(name, {
      count: known.count + count,
      ranks: known.ranks + 1,
      newest: Math.max(known.newest, newest),
    });
  }
  const newest = [...byName.values()].map((each) => each.newest);
  const rows =
    newest.length === 0
      ? []
      : await db.selectFrom("metrics").select(["name", "step", "value", "at"]).where("n", "in", newest).execute();
  return {
    last: Object.fromEntries(rows.map(({ name, ...point }) => [name, point])),
    names: [...byName].map(([name, { count, ranks }]) => ({ name, count, ranks })),
  };
}

async function targetsOfRun(store: LabStore, row: ExperimentRow, templates: readonly Template[]) {
  const source = await configSource(store, row.id);
  try {
    return targetsOf(source === undefined ? {} : resolveRun(source, templates).values);
  } catch {
    // A config that can't be read any more has no targets.
    return targetsOf(JSON.parse(row.config));
  }
}

/** Every line of the chart with at most so many points; the order of all points together stays. */
export function thinByLine(points: readonly MetricPoint[], most = pointsPerLine): MetricPoint[] {
  const lines = new Map<string, MetricPoint[]>();
  for (const point of points) {
    const line = lines.get(lineKey(point));
    if (line === undefined) lines.set(lineKey(point), [point]);
    else line.push(point);
  }
  if ([...lines.values()].every(({ length }) => length <= most)) return [...points];
  const kept = new Set([...lines.values()].flatMap((line) => thinPoints(line, most)));
  return points.filter((point) => kept.has(point));
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
