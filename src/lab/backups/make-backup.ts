import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makePrivateDir } from "../../config/paths.js";
import type { Backup } from "../../contract/backup.js";
import { Database } from "../store/sqlite.js";
import { backupFormat, names } from "./format.js";
import { dataMembers, type Member, neededMember, type Skipped } from "./members.js";
import { takeSnapshot } from "./snapshot.js";
import { writeArchive } from "./write-archive.js";

export interface BackupPlan {
  readonly dataDir: string;
  /** The lab's database. */
  readonly database: string;
  readonly type: Backup["type"];
  /** Where the archive goes, and its name there. */
  readonly directory: string;
  readonly file: string;
  readonly version: string;
  readonly now: () => number;
}

/** Names what is on its way; a lab that finds one at its start removes it. */
export const unfinished = ".part";

/** Makes one archive; it has its name when it is whole. Rejects when `signal` aborts. Whatever goes wrong leaves nothing behind. */
export async function makeBackup(plan: BackupPlan, signal: AbortSignal): Promise<{ size: number; sha256: string }> {
  const { dataDir, type, directory, version } = plan;
  const file = join(directory, plan.file);
  const work = join(dataDir, "backups", `${plan.file}.work${unfinished}`);
  const part = `${file}${unfinished}`;
  try {
    makePrivateDir(directory);
    await mkdir(work, { recursive: true, mode: 0o700 });
    const copy = join(work, names.database);
    const createdAt = plan.now();
    const { schema } = await takeSnapshot(plan.database, copy, signal);
    const snapshot = new Database(copy, { readOnly: true });
    try {
      const skipped: Skipped = { count: 0, paths: [] };
      const head = { format: backupFormat, type, version, schema, createdAt };
      const members = membersOf(plan, { copy, snapshot, skipped });
      const sumsFile = join(work, names.sums);
      const made = await writeArchive({ head, counts: countsOf(snapshot), members, skipped, sumsFile }, part, signal);
      await rename(part, file);
      return made;
    } finally {
      snapshot.close();
    }
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface Taken {
  readonly copy: string;
  readonly snapshot: InstanceType<typeof Database>;
  readonly skipped: Skipped;
}

async function* membersOf({ dataDir, type }: BackupPlan, { copy, snapshot, skipped }: Taken): AsyncGenerator<Member> {
  yield await neededMember(copy, names.database);
  if (type === "full") yield* dataMembers({ dataDir, snapshot, skipped });
}

const counted = ["labs", "experiments", "runs", "figures", "files", "papers", "tasks"] as const;

function countsOf(snapshot: Taken["snapshot"]): Record<string, number> {
  return Object.fromEntries(
    counted.map((table) => [table, Number(snapshot.prepare(`select count(*) as rows from ${table}`).get()?.["rows"])]),
  );
}
