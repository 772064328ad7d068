import { sql } from "kysely";
import type { CostRow, ExperimentCost } from "../../contract/cost.js";
import { hourMs, usdOf } from "../../core/micro-usd.js";
import { LabError } from "../lab-error.js";
import { resolveRefs } from "../services/experiment-dependencies.js";
import { removedTopic } from "../services/lab-removal.js";
import type { LabStore } from "../store/store.js";
import { unbilledProviders } from "./billed.js";

const shownExperiments = 200;

/** Some of it will be billed and is not yet. */
const isOpen = sql`case when c.billed_micros is null and coalesce(p.provider, '') not in (${sql.join(unbilledProviders)})
  then 1 else 0 end`;

const newestWithCost = (labId: string) =>
  sql`(select id, display_id, title, n from experiments where lab_id = ${labId} and cost_micros is not null
    order by n desc limit ${shownExperiments})`;

interface MonthRow {
  readonly id: string;
  readonly display_id: string;
  readonly today: number | null;
  readonly month: number | null;
  readonly gpu_ms: number | null;
  readonly open: number | null;
}

interface Amounts {
  today: number;
  month: number;
  gpuMs: number;
  isOpen: boolean;
  /** It has hours in this stretch at all. */
  isAny: boolean;
}

export interface MonthSpan {
  readonly monthStart: number;
  readonly todayStart: number;
  /** Start of the hour that is counted now. */
  readonly currentHour: number;
}

/**
 * What the newest experiments cost this month, newest first. Hours that are over are summed once and kept until one of them is written
 * again (by a bill): an experiment of a month has 700 of them.
 */
export function createExperimentMonth(store: LabStore) {
  /** By lab. */
  const kept = new Map<
    string,
    { readonly key: string; readonly upTo: number; readonly amounts: Map<string, Amounts> }
  >();
  store.onChange((topics) => {
    if (topics.has(removedTopic)) kept.clear();
    for (const topic of topics) {
      if (!topic.startsWith("costs:")) continue;
      const hourAt = Number(topic.slice("costs:".length));
      for (const [labId, { upTo }] of kept) if (hourAt < upTo) kept.delete(labId);
    }
  });

  const sumUp = async (labId: string, span: MonthSpan, which: { fromMs: number; toMs: number }) => {
    const { rows } = await sql<MonthRow>`select e.id, e.display_id,
      sum(case when c.hour_at >= ${span.todayStart} then coalesce(c.billed_micros, c.micros) else 0 end) as today,
      sum(coalesce(c.billed_micros, c.micros)) as month, sum(c.gpu_ms) as gpu_ms, max(${isOpen}) as open
      from ${newestWithCost(labId)} e
      left join experiment_costs c on c.experiment_id = e.id and c.hour_at >= ${which.fromMs} and c.hour_at < ${which.toMs}
      left join pods p on p.id = c.pod_id
      group by e.id, e.display_id, e.n order by e.n desc`.execute(store.db);
    return rows;
  };

  return async (labId: string, span: MonthSpan): Promise<CostRow[]> => {
    const { monthStart, todayStart, currentHour } = span;
    const ts = store.latestTs();
    const recent = await sumUp(labId, span, { fromMs: currentHour, toMs: Number.MAX_SAFE_INTEGER });
    const ids = recent.map(({ id }) => id).join(" ");
    const key = `${monthStart} ${todayStart} ${currentHour} ${ids}`;
    const before = kept.get(labId);
    let amounts = before?.amounts ?? new Map<string, Amounts>();
    if (before?.key !== key || store.isChanging) {
      const rows = await sumUp(labId, span, { fromMs: monthStart, toMs: currentHour });
      amounts = new Map(rows.map((row) => [row.id, amountsOf(row)]));
      if (!store.isChanging && store.latestTs() === ts) kept.set(labId, { key, upTo: currentHour, amounts });
    }
    return recent
      .map((row) => [row, add(amounts.get(row.id), amountsOf(row))] as const)
      .filter(([, { isAny }]) => isAny)
      .map(([row, sums]) => toCostRow(row, sums));
  };
}

const amountsOf = (row: MonthRow): Amounts => ({
  today: row.today ?? 0,
  month: row.month ?? 0,
  gpuMs: row.gpu_ms ?? 0,
  isOpen: row.month !== null && row.open === 1,
  isAny: row.month !== null,
});

function add(before: Amounts | undefined, now: Amounts): Amounts {
  if (before === undefined) return now;
  return {
    today: before.today + now.today,
    month: before.month + now.month,
    gpuMs: before.gpuMs + now.gpuMs,
    isOpen: before.isOpen || now.isOpen,
    isAny: before.isAny || now.isAny,
  };
}

const toCostRow = (
  { id, display_id: name }: MonthRow,
  { today, month, gpuMs, isOpen: estimated }: Amounts,
): CostRow => ({
  id,
  name,
  todayUsd: usdOf(today),
  monthUsd: usdOf(month),
  gpuHours: gpuMs / hourMs,
  idleUsd: null,
  diskUsd: null,
  estimated,
});

interface PodRow {
  readonly id: string;
  readonly display_id: string;
  readonly pod_id: string;
  readonly gpu_type: string | null;
  readonly micros: number;
  readonly gpu_ms: number;
  readonly open: number;
  readonly first_at: number;
}

async function idIn({ db }: LabStore, labId: string, ref: string): Promise<string> {
  const row = (await resolveRefs(db, labId, [ref])).get(ref);
  if (row === undefined) throw new LabError("not_found", `Experiment ${ref} does not exist.`);
  return row.id;
}

/** By experiment and pod, of all time. */
export async function readExperimentCosts(
  store: LabStore,
  labId: string,
  ref: string | undefined,
): Promise<ExperimentCost[]> {
  const one = ref === undefined ? undefined : await idIn(store, labId, ref);
  const which =
    one === undefined ? newestWithCost(labId) : sql`(select id, display_id, n from experiments where id = ${one})`;
  const { rows } = await sql<PodRow>`select e.id, e.display_id, c.pod_id, p.gpu_type,
    sum(coalesce(c.billed_micros, c.micros)) as micros, sum(c.gpu_ms) as gpu_ms, max(${isOpen}) as open,
    min(c.hour_at) as first_at
    from ${which} e join experiment_costs c on c.experiment_id = e.id left join pods p on p.id = c.pod_id
    group by e.id, e.display_id, e.n, c.pod_id, p.gpu_type order by e.n desc, first_at`.execute(store.db);
  return rows.map((row) => ({
    _id: `${row.id}:${row.pod_id}`,
    labId,
    experimentId: row.id,
    displayId: row.display_id,
    podId: row.pod_id,
    gpuType: row.gpu_type,
    gpuHours: row.gpu_ms / hourMs,
    costUsd: row.micros / 1e6,
    estimated: row.open === 1,
    createdAt: row.first_at,
  }));
}
