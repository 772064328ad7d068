import { type Kysely, sql } from "kysely";
import type { AgentMetrics } from "../../contract/agent.js";
import type { Schema } from "../store/schema.js";
import { keptPerAgent } from "./agent-records.js";
import type { AgentRow } from "./agent-rows.js";
import { dayMs, dayName, lastDays } from "./days.js";

/** What an agent's tasks and reports tell, at `now` (ms). */
export async function readAgentMetrics(db: Kysely<Schema>, agent: AgentRow, now: number): Promise<AgentMetrics> {
  const tasks = await db
    .selectFrom("tasks")
    .where("lab_id", "=", agent.lab_id)
    .where("assigned_to", "=", agent.id)
    .select(({ fn }) => [
      fn.countAll<number>().as("all"),
      sql<number>`coalesce(sum(status = 'done'), 0)`.as("done"),
      sql<number | null>`avg(case when status = 'done' then completed_at - created_at end)`.as("meanMs"),
    ])
    .executeTakeFirstOrThrow();
  return {
    agentId: agent.id,
    tasksDone: tasks.done,
    tasksOpen: tasks.all - tasks.done,
    successRate: await successRate(db, agent),
    meanTaskMs: tasks.meanMs,
    lastActiveAt: agent.last_active_at,
    activityByDay: await activityByDay(db, agent, now),
  };
}

/** Of its reviewed tasks, the share whose last approval or rejection is an approval. */
async function successRate(db: Kysely<Schema>, { id, lab_id: labId }: AgentRow): Promise<number | null> {
  const { rows } = await sql<{ rate: number | null }>`
    select avg(verdict = 'approve') as rate from (
      select (select verdict from task_reviews r where r.task_id = t.id and r.verdict <> 'concern' order by r.n desc limit 1)
        as verdict from tasks t where t.lab_id = ${labId} and t.assigned_to = ${id})`.execute(db);
  return rows[0]?.rate ?? null;
}

async function activityByDay(db: Kysely<Schema>, agent: AgentRow, now: number): Promise<AgentMetrics["activityByDay"]> {
  const ofAgent = db.selectFrom("agent_events").where("agent_id", "=", agent.id);
  const days = lastDays(now);
  const rows = await ofAgent
    .where("at", ">=", (days[0] ?? 0) * dayMs)
    .select(({ fn }) => [sql<number>`cast(at / ${dayMs} as integer)`.as("day"), fn.countAll<number>().as("count")])
    .groupBy("day")
    .execute();
  const counts = new Map(rows.map(({ day, count }) => [day, count]));
  // Where older reports were given up, the days up to the oldest kept one are not known.
  const oldest = await ofAgent
    .select("at")
    .orderBy("n", "desc")
    .offset(keptPerAgent - 1)
    .limit(1)
    .executeTakeFirst();
  const firstKnown = oldest === undefined ? Number.NEGATIVE_INFINITY : Math.floor(oldest.at / dayMs) + 1;
  return days.map((day) => ({ day: dayName(day), count: day < firstKnown ? null : (counts.get(day) ?? 0) }));
}
