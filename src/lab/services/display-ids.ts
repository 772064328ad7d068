import { LabError } from "../lab-error.js";
import type { Change } from "../store/store.js";

const automatic = /^EXP-(\d{1,9})$/;
const toDisplayId = (number: number) => `EXP-${String(number).padStart(3, "0")}`;

/** Names that one query asks for. */
const namesPerQuery = 400;

/**
 * For each new experiment the display id that it wants, if it is free, else the next `EXP-NNN`. Numbers are never given out again, also
 * after a delete.
 */
export async function takeDisplayIds(
  change: Change,
  labId: string,
  wanted: readonly (string | undefined)[],
): Promise<string[]> {
  const own = wanted.filter((name) => name !== undefined);
  const [taken] = [...(await takenOf(change, labId, own)), ...repeated(own)];
  if (taken !== undefined) {
    throw new LabError("conflict", `experimentId: ${taken} is taken; leave it out to get the next free one`);
  }
  const before = await readLast(change, labId);
  const { free, last } = await nextFree(change, labId, { count: wanted.length - own.length, last: before, own });
  await writeLast(change, labId, Math.max(last, ...own.map((name) => Number(automatic.exec(name)?.[1] ?? 0))));
  const next = free.values();
  return wanted.map((name) => name ?? next.next().value ?? "");
}

const repeated = (names: readonly string[]) => names.filter((name, index) => names.indexOf(name) !== index);

interface Next {
  readonly count: number;
  /** The number that was given out last. */
  readonly last: number;
  /** What the others of them are called. */
  readonly own: readonly string[];
}

async function nextFree(change: Change, labId: string, { count, last: before, own }: Next) {
  const free: string[] = [];
  let last = before;
  while (free.length < count) {
    const from = last;
    const numbers = Array.from(
      { length: Math.min(namesPerQuery, count - free.length) },
      (_, index) => from + 1 + index,
    );
    const taken = new Set([...(await takenOf(change, labId, numbers.map(toDisplayId))), ...own]);
    free.push(...numbers.map(toDisplayId).filter((name) => !taken.has(name)));
    last += numbers.length;
  }
  return { free, last };
}

/** Those of the names that an experiment of the lab has. */
async function takenOf({ tx }: Change, labId: string, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const rows = await tx
    .selectFrom("experiments")
    .select("display_id")
    .where("lab_id", "=", labId)
    .where("display_id", "in", names)
    .execute();
  return rows.map((row) => row.display_id);
}

const keyOf = (labId: string) => `lastDisplayNumber:${labId}`;

async function readLast({ tx }: Change, labId: string): Promise<number> {
  const row = await tx.selectFrom("meta").select("value").where("key", "=", keyOf(labId)).executeTakeFirst();
  return Number(row?.value ?? 0);
}

async function writeLast({ tx }: Change, labId: string, last: number): Promise<void> {
  const value = String(last);
  await tx
    .insertInto("meta")
    .values({ key: keyOf(labId), value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}
