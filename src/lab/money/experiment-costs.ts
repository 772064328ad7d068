import { sql } from "kysely";
import type { CostRow, ExperimentCost } from "../../contract/cost.js";
import { hourMs, usdOf } from "../../core/micro-usd.js";
import { needRow } from "../services/experiment-rows.js";
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
  readonly today: number;
  readonly month: number;
  readonly gpu_ms: number;
  readonly open: number;
}

/** What the newest experiments cost this month, newest first. */
export async function readExperimentMonth(
  store: LabStore,
  labId: string,
  { todayStart, monthStart }: { todayStart: number; monthStart: number },
): Promise<CostRow[]> {
  const { rows } = await sql<MonthRow>`select e.id, e.display_id,
    sum(case when c.hour_at >= ${todayStart} then coalesce(c.billed_micros, c.micros) else 0 end) as today,
    sum(coalesce(c.billed_micros, c.micros)) as month, sum(c.gpu_ms) as gpu_ms, max(${isOpen}) as open
    from ${newestWithCost(labId)} e
    join experiment_costs c on c.experiment_id = e.id and c.hour_at >= ${monthStart}
    left join pods p on p.id = c.pod_id
    group by e.id, e.display_id, e.n order by e.n desc`.execute(store.db);
  return rows.map((row) => ({
    id: row.id,
    name: row.display_id,
    todayUsd: usdOf(row.today),
    monthUsd: usdOf(row.month),
    gpuHours: row.gpu_ms / hourMs,
    idleUsd: null,
    diskUsd: null,
    estimated: row.open === 1,
  }));
}

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

/** By experiment and pod, of all time. */
export async function readExperimentCosts(
  store: LabStore,
  labId: string,
  ref: string | undefined,
): Promise<ExperimentCost[]> {
  const one = ref === undefined ? undefined : (await needRow(store.db, ref)).id;
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
