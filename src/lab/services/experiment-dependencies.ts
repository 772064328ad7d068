import type { Kysely } from "kysely";
import { LabError } from "../lab-error.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import { eventOf } from "./experiment-events.js";
import { type ExperimentRow, findRow, toExperiment } from "./experiment-rows.js";

/** What an experiment waits for; `displayId` is null when that experiment was deleted. */
interface Needed {
  readonly displayId: string | null;
  readonly status: string | null;
}

/** Why it waits, in words; null when everything it needs has passed. */
export function waitReason(needed: readonly Needed[]): string | null {
  const names = (wanted: (status: string) => boolean) =>
    needed.flatMap(({ displayId, status }) => (displayId !== null && wanted(status ?? "") ? [displayId] : []));
  const failed = names((status) => status === "fail");
  const pending = names((status) => status !== "fail" && status !== "pass");
  const reasons = [
    ...failed.map((name) => `${name} failed`),
    ...(needed.some(({ displayId }) => displayId === null) ? ["a dependency was deleted"] : []),
    ...(pending.length > 0 ? [`waits for ${pending.join(", ")}`] : []),
  ];
  return reasons.length === 0 ? null : reasons.join("; ");
}

/** The experiments that `dependsOn` names. A restart forgives the ones that are deleted by now (`unknown: "skip"`). */
export async function findDependencies(
  db: Kysely<Schema>,
  dependsOn: readonly string[],
  unknown: "refuse" | "skip",
): Promise<ExperimentRow[]> {
  const found = new Map<string, ExperimentRow>();
  for (const ref of dependsOn) {
    const row = await findRow(db, ref);
    if (row !== undefined) found.set(row.id, row);
    else if (unknown === "refuse") {
      throw new LabError("validation_error", `config.dependsOn: experiment ${ref} does not exist`);
    }
  }
  return [...found.values()];
}

/** Notes what the experiment waits for; answers why it waits, null when it need not. */
export async function awaitDependencies(change: Change, id: string, rows: readonly ExperimentRow[]) {
  await forgetDependencies(change, id);
  const open = rows.filter(({ status }) => status !== "pass");
  if (open.length === 0) return null;
  const values = open.map((row) => ({ experiment_id: id, depends_on_id: row.id }));
  await change.tx.insertInto("dependencies").values(values).execute();
  return waitReason(open.map(({ display_id, status }) => ({ displayId: display_id, status })));
}

export async function forgetDependencies(change: Change, id: string): Promise<void> {
  await change.tx.deleteFrom("dependencies").where("experiment_id", "=", id).execute();
}

/** Looks again at whatever waits for this experiment: queued when nothing is open any more, else with the reason of now. */
export async function reviewDependants(change: Change, id: string): Promise<void> {
  const dependants = await change.tx
    .selectFrom("dependencies")
    .innerJoin("experiments", "experiments.id", "dependencies.experiment_id")
    .where("depends_on_id", "=", id)
    .where("status", "=", "blocked")
    .selectAll("experiments")
    .execute();
  for (const row of dependants) await review(change, row);
}

async function review(change: Change, row: ExperimentRow): Promise<void> {
  const needed = await change.tx
    .selectFrom("dependencies")
    .leftJoin("experiments", "experiments.id", "dependencies.depends_on_id")
    .where("experiment_id", "=", row.id)
    .select(["experiments.display_id as displayId", "experiments.status as status"])
    .execute();
  const reason = waitReason(needed);
  if (reason === row.status_reason) return;
  const status = reason === null ? "queued" : "blocked";
  if (reason === null) await forgetDependencies(change, row.id);
  const updated = await change.tx
    .updateTable("experiments")
    .set({ status, status_reason: reason, updated_at: change.at })
    .where("id", "=", row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  eventOf(change, reason === null ? "queued" : "updated", toExperiment(updated));
}
