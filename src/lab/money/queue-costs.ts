import { sql } from "kysely";
import type { CostRow } from "../../contract/cost.js";
import { defaultQueue } from "../../contract/queue.js";
import type { Calendar } from "../../core/calendar.js";
import { hourMs, usdOf } from "../../core/micro-usd.js";
import { queueRows } from "../services/queue-rows.js";
import type { LabStore } from "../store/store.js";
import { knows, type Segment } from "./cost-sums.js";
import { createKeptHours, type Hours } from "./kept-hours.js";
import type { Spent } from "./spending.js";

/** An experiment that has cost something is in another queue now. */
export const queueChangedTopic = "costs.queues";

interface Part {
  readonly micros: number;
  readonly gpuMs: number;
}

type Parts = ReadonlyMap<string, Part>;

/**
 * What the experiments of each queue had of the pods; the rest of the month's cost is no queue's. `default` has what no other queue
 * has: also what was in one that is gone. A lab without other queues reads nothing for it.
 */
export function createQueueCosts(store: LabStore, calendar: Calendar) {
  const segment = createKeptHours(store, (labId, hours) => readParts(store, labId, hours), [queueChangedTopic]);

  const partsOf = async (labId: string, all: readonly Hours[]): Promise<Parts> => {
    const parts: Parts[] = [];
    for (const hours of all) parts.push(await segment(labId, hours));
    return merge(parts);
  };

  return async (labId: string, spent: Spent): Promise<CostRow[]> => {
    const rows = await queueRows(store.db, labId);
    const others = rows.filter(({ name }) => name !== defaultQueue);
    const { days, hours } = others.length === 0 ? { days: [], hours: [] } : stretches(spent, calendar);
    const today = await partsOf(labId, hours);
    const month = merge([await partsOf(labId, days), today]);
    const costRow = rowOf(spent);
    const known = (parts: Parts) => others.map(({ id }) => parts.get(id) ?? nothing);
    const rest = costRow(
      { id: defaultQueue, name: defaultQueue },
      { month: without(spent.month, known(month)), today: without(spent.today, known(today)) },
    );
    const named = new Map(
      others.map(({ id, name }) => {
        const parts = { month: month.get(id) ?? nothing, today: today.get(id) ?? nothing };
        return [id, costRow({ id, name }, parts)];
      }),
    );
    const inOrder = rows.map(({ id }) => named.get(id) ?? rest);
    return inOrder.includes(rest) ? inOrder : [rest, ...inOrder];
  };
}

const nothing: Part = { micros: 0, gpuMs: 0 };

/** Days of the month that are over, and the hours of today: the same stretches again and again, most of which never change any more. */
function stretches({ asOf, monthStart }: Spent, calendar: Calendar): { days: Hours[]; hours: Hours[] } {
  const todayStart = calendar.startOfDay(asOf);
  const days: Hours[] = [];
  for (let day = monthStart; day < todayStart; day = calendar.startOfDay(day, 1)) {
    days.push({ fromMs: day, toMs: calendar.startOfDay(day, 1) });
  }
  const hours: Hours[] = [];
  for (let hour = todayStart; hour <= asOf; hour += hourMs) hours.push({ fromMs: hour, toMs: hour + hourMs });
  return { days, hours };
}

/** From the pods' hours: a queue may have had a million experiments, and few of them within a day. */
async function readParts({ db }: LabStore, labId: string, { fromMs, toMs }: Hours): Promise<Parts> {
  const { rows } = await sql<Part & { id: string }>`select id, sum(micros) as micros, sum(gpu_ms) as "gpuMs" from (
      select (select e.queue_id from experiments e where e.id = c.experiment_id and e.lab_id = ${labId}) as id,
        coalesce(c.billed_micros, c.micros) as micros, c.gpu_ms
      from experiment_costs c
      where c.pod_id in (select id from pods) and c.hour_at >= ${fromMs} and c.hour_at < ${toMs}) parts
    where id is not null group by id`.execute(db);
  return new Map(rows.map(({ id, ...part }) => [id, part]));
}

function merge(all: readonly Parts[]): Parts {
  const merged = new Map<string, Part>();
  for (const [id, part] of all.flatMap((parts) => [...parts])) merged.set(id, add(merged.get(id) ?? nothing, part));
  return merged;
}

const add = (a: Part, b: Part): Part => ({ micros: a.micros + b.micros, gpuMs: a.gpuMs + b.gpuMs });

function without({ total }: Segment, parts: readonly Part[]): Part {
  const { micros, gpuMs } = parts.reduce(add, nothing);
  return { micros: Math.max(0, total.sharedMicros - micros), gpuMs: Math.max(0, total.sharedGpuMs - gpuMs) };
}

function rowOf({ month: { byPod, total } }: Spent) {
  const isKnown = byPod.size > 0 && knows(total);
  return (queue: Pick<CostRow, "id" | "name">, { month, today }: Record<"month" | "today", Part>): CostRow => ({
    ...queue,
    todayUsd: isKnown ? usdOf(today.micros) : null,
    monthUsd: isKnown ? usdOf(month.micros) : null,
    gpuHours: isKnown ? month.gpuMs / hourMs : null,
    idleUsd: null,
    diskUsd: null,
    estimated: total.unbilledHours > 0,
  });
}
