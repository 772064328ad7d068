import type { Kysely } from "kysely";
import type { ExperimentConfig } from "../../contract/experiment.js";
import { LabError } from "../lab-error.js";
import { createBulkInsert } from "../store/bulk-insert.js";
import type { Schema } from "../store/schema.js";
import type { Change } from "../store/store.js";
import { eventOf } from "./experiment-events.js";
import { moveExperiment, updateRow } from "./experiment-move.js";
import { type ExperimentRow, isDisplayId, selectRows, toExperiment } from "./experiment-rows.js";

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

const refsPerQuery = 400;

/** The experiments of a lab behind document and display ids, by the id that was asked for. */
export async function resolveRefs(
  db: Kysely<Schema>,
  labId: string,
  refs: readonly string[],
): Promise<ReadonlyMap<string, ExperimentRow>> {
  const found = new Map<string, ExperimentRow>();
  for (let from = 0; from < refs.length; from += refsPerQuery) {
    const some = refs.slice(from, from + refsPerQuery);
    const names = some.filter(isDisplayId).flatMap((name) => [name, name.toUpperCase()]);
    const ids = some.filter((ref) => !isDisplayId(ref));
    const rows = [
      ...(ids.length === 0 ? [] : await selectRows(db).where("id", "in", ids).where("lab_id", "=", labId).execute()),
      ...(names.length === 0
        ? []
        : await selectRows(db).where("lab_id", "=", labId).where("display_id", "in", names).execute()),
    ];
    const byName = new Map(rows.flatMap((row) => [[row.id, row] as const, [row.display_id, row] as const]));
    for (const ref of some) {
      const row = byName.get(ref) ?? byName.get(ref.toUpperCase());
      if (row !== undefined) found.set(ref, row);
    }
  }
  return found;
}

/** The experiments that `dependsOn` names. A restart forgives the ones that are deleted by now (`unknown: "skip"`). */
export async function findDependencies(
  db: Kysely<Schema>,
  labId: string,
  { dependsOn, unknown }: { dependsOn: readonly string[]; unknown: "refuse" | "skip" },
): Promise<ExperimentRow[]> {
  const found = await resolveRefs(db, labId, dependsOn);
  if (unknown === "refuse") refuseUnknown(dependsOn, found);
  return [...new Map([...found.values()].map((row) => [row.id, row])).values()];
}

/** Refuses what `dependsOn` names and is not among the experiments that were found. */
export function refuseUnknown(dependsOn: readonly string[], found: ReadonlyMap<string, ExperimentRow>): void {
  const missing = dependsOn.find((ref) => !found.has(ref));
  if (missing === undefined) return;
  throw new LabError("validation_error", `config.dependsOn: experiment ${missing} does not exist`);
}

/** What a stored config waits for, and the experiment that it goes on from. */
export function dependsOnOf(row: Pick<ExperimentRow, "config" | "parent_id">): string[] {
  const { dependsOn } = JSON.parse(row.config) as ExperimentConfig;
  const refs = Array.isArray(dependsOn) ? dependsOn.filter((ref) => typeof ref === "string") : [];
  return row.parent_id === null ? refs : [...refs, row.parent_id];
}

/** Refuses dependencies that lead back to the experiment itself, and names the way round. */
export async function refuseCycle(
  db: Kysely<Schema>,
  row: ExperimentRow,
  needed: readonly ExperimentRow[],
): Promise<void> {
  const cameFrom = new Map<string, ExperimentRow>();
  const refuse = (last: ExperimentRow) => {
    const way = [row.display_id];
    for (let at = last; at.id !== row.id; at = cameFrom.get(at.id) ?? row) way.unshift(at.display_id);
    const words = way[0] === row.display_id ? "it can't wait for itself" : `${row.display_id} → ${way.join(" → ")}`;
    throw new LabError("validation_error", `config.dependsOn: a circle: ${words}`);
  };
  let front = [...needed];
  if (front.some(({ id }) => id === row.id)) refuse(row);
  for (const each of front) cameFrom.set(each.id, row);
  while (front.length > 0) {
    const next: ExperimentRow[] = [];
    // What has passed waits for nothing ever again.
    const open = front.filter(({ status }) => status !== "pass").map((each) => ({ each, refs: dependsOnOf(each) }));
    const found = await resolveRefs(db, row.lab_id, [...new Set(open.flatMap(({ refs }) => refs))]);
    for (const { each, refs } of open) {
      for (const ref of refs) {
        const behind = found.get(ref);
        if (behind === undefined || cameFrom.has(behind.id)) continue;
        if (behind.id === row.id) refuse(each);
        cameFrom.set(behind.id, each);
        next.push(behind);
      }
    }
    front = next;
  }
}

/** Notes what the experiment waits for; answers why it waits, null when it need not. */
export async function awaitDependencies(change: Change, id: string, rows: readonly ExperimentRow[]) {
  await forgetDependencies(change, id);
  const { open, reason } = waitsFor(rows);
  await insertDependencies(change.tx, dependenciesOf(id, open));
  return reason;
}

/** What of these has not passed, and in words that it is waited for; null: nothing is. */
export function waitsFor(rows: readonly ExperimentRow[]): { open: readonly ExperimentRow[]; reason: string | null } {
  const open = [...new Map(rows.map((row) => [row.id, row])).values()].filter(({ status }) => status !== "pass");
  return { open, reason: waitReason(open.map(({ display_id, status }) => ({ displayId: display_id, status }))) };
}

export const dependenciesOf = (id: string, open: readonly ExperimentRow[]) =>
  open.map((row) => ({ experiment_id: id, depends_on_id: row.id }));

export const insertDependencies = createBulkInsert<ReturnType<typeof dependenciesOf>[number]>((db, rows) =>
  db.insertInto("dependencies").values(rows),
);

export async function forgetDependencies(change: Change, id: string): Promise<void> {
  await change.tx.deleteFrom("dependencies").where("experiment_id", "=", id).execute();
}

/** Looks again at whatever waits for this experiment: queued when nothing is open any more, else with the reason of now. */
export async function reviewDependants(change: Change, id: string): Promise<void> {
  const waiting = await change.tx
    .selectFrom("dependencies")
    .select("experiment_id")
    .where("depends_on_id", "=", id)
    .execute();
  for (const { experiment_id: dependant } of waiting) {
    const row = await selectRows(change.tx)
      .where("id", "=", dependant)
      .where("status", "=", "blocked")
      .executeTakeFirst();
    if (row !== undefined) await review(change, row);
  }
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
  if (reason === null) {
    await forgetDependencies(change, row.id);
    const set = { status_reason: null };
    await moveExperiment(change, row, {
      to: "queued",
      reason: "everything it waited for has passed",
      set,
      event: "queued",
    });
  } else {
    eventOf(change, "updated", toExperiment(await updateRow(change, row, { status_reason: reason })));
  }
}
