import { sql } from "kysely";
import type { Template } from "../../contract/lab.js";
import { slotsOf } from "../scheduler/slots.js";
import type { Change } from "../store/store.js";
import type { RunSpan, Slice } from "./charge.js";

interface RunRow {
  readonly experiment_id: string;
  readonly attempt: number;
  readonly pod_id: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly config: string;
  readonly template: string | null;
  readonly template_content: string | null;
  readonly guest_lab_id: string | null;
}

/**
 * Which experiments ran on which pod during some slices, to the millisecond: from the runs themselves, not from who was seen at a
 * look. So a run that is shorter than the time between two looks is paid for too.
 */
export function createRunSpans(templates: readonly Template[]) {
  /** Reading a config takes longer than all the rest; an attempt keeps its slots. */
  let slots = new Map<string, number>();

  return async ({ tx }: Change, slices: readonly Slice[]): Promise<ReadonlyMap<string, readonly RunSpan[]>> => {
    const spans = new Map<string, RunSpan[]>();
    const machines = slices.filter(({ pays }) => pays === "machine");
    if (machines.length === 0) return spans;
    const sinceMs = Math.min(...machines.map(({ fromMs }) => fromMs));
    const columns = sql`r.experiment_id as experiment_id, r.attempt, coalesce(r.pod_id, e.pod_id) as pod_id, r.started_at as started_at, r.ended_at,
      e.config, e.template, v.content as template_content, case when p.lab_id <> e.lab_id then e.lab_id end as guest_lab_id
      from runs r join experiments e on e.id = r.experiment_id left join template_versions v on v.id = e.template_version left join pods p on p.id = coalesce(r.pod_id, e.pod_id)`;
    // Two halves, each with an index of its own.
    const { rows } = await sql<RunRow>`select ${columns} where r.state <> 'ended'
      union all select ${columns} where r.state = 'ended' and r.ended_at is not null and r.ended_at > ${sinceMs}
      order by started_at, experiment_id`.execute(tx);
    const seen = new Map<string, number>();
    for (const row of rows) {
      if (row.pod_id === null) continue;
      const key = `${row.experiment_id} ${row.attempt}`;
      const own = slots.get(key) ?? slotsOf(row, templates);
      seen.set(key, own);
      const list = spans.get(row.pod_id) ?? [];
      spans.set(row.pod_id, list);
      const { experiment_id: experimentId, started_at: fromMs, guest_lab_id: guest } = row;
      const span = { experimentId, fromMs, toMs: row.ended_at ?? Infinity, slots: own };
      list.push(guest === null ? span : { ...span, guestLabId: guest });
    }
    slots = seen;
    return spans;
  };
}
