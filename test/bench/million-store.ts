import { createHash } from "node:crypto";
import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sql, type Transaction } from "kysely";
import { defaultLabDir, labFiles, makePrivateDir, resolvePaths } from "../../src/config/paths.js";
import { systemClock } from "../../src/core/clock.js";
import { countExperiments, createFirstLab } from "../../src/lab/services/labs.js";
import type { Schema } from "../../src/lab/store/schema.js";
import { openSqlite } from "../../src/lab/store/sqlite.js";
import { createStore, type LabStore, migrate } from "../../src/lab/store/store.js";
import { benchHome } from "./bench-lab.js";

const cache = new URL("../../node_modules/.cache/bench-stores", import.meta.url).pathname;
const migrations = new URL("../../src/lab/store/migrations", import.meta.url).pathname;

/** Rows of one statement: a transaction of all would hold its changes in memory. */
const chunkRows = 50_000;
/** So old that nothing happens to it by itself. */
const ageMs = 60 * 86_400_000;
/** In so many titles, whatever the size of the store. */
const rareTitles = 20;
export const commonWord = "chain";
export const rareWord = "quintessence";

/** Of the experiment with this number; 1 is the oldest. */
export const documentId = (number: number): string => `j${number.toString(16).padStart(30, "0")}`;

/** A database of the lab that nobody else has open. */
export async function openStore(file: string): Promise<{ store: LabStore; raw: ReturnType<typeof openSqlite>["raw"] }> {
  const { db, raw } = openSqlite(file);
  await migrate(db);
  return { store: await createStore(db, systemClock), raw };
}

/** A home whose lab has never been started, with so many ended experiments and what belongs to each. Made once, then copied. */
export async function millionStore(
  cleanup: AsyncDisposableStack,
  count: number,
): Promise<{ home: string; labDir: string }> {
  const home = benchHome(cleanup);
  const labDir = defaultLabDir(resolvePaths({ HUBIFY_TUI_HOME: home }, home));
  makePrivateDir(labDir);
  copyFileSync(await keptStore(count), labFiles(labDir).database, constants.COPYFILE_FICLONE);
  return { home, labDir };
}

/** Of this schema and this file: another one makes it again. */
async function keptStore(count: number): Promise<string> {
  const sources = readdirSync(migrations)
    .sort()
    .map((name) => readFileSync(join(migrations, name)));
  const hash = createHash("sha256");
  for (const source of [...sources, readFileSync(new URL(import.meta.url))]) hash.update(source);
  const name = `experiments-${count}-`;
  const file = join(cache, `${name}${hash.digest("hex").slice(0, 12)}.db`);
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  for (const old of readdirSync(cache)) if (old.startsWith(name)) rmSync(join(cache, old));
  const made = `${file}.made`;
  await makeStore(made, count);
  renameSync(made, file);
  return file;
}

async function makeStore(file: string, count: number): Promise<void> {
  const { store, raw } = await openStore(file);
  const labId = await createFirstLab(store, { name: "Local lab", slug: "local" });
  // It is thrown away when it does not become whole.
  raw.exec("pragma synchronous = off; pragma cache_size = -400000; pragma wal_autocheckpoint = 20000");
  await store.change(({ tx, at }) => addProjects(tx, labId, at));
  for (let from = 0; from < count; from += chunkRows) {
    const rows = { labId, from, to: Math.min(count, from + chunkRows), count };
    await store.change(({ tx, at }) => addExperiments(tx, { ...rows, startedAt: at - ageMs }));
  }
  await store.change(async (change) => {
    await countExperiments(change, labId, count);
    const last = { key: `lastDisplayNumber:${labId}`, value: String(count) };
    await change.tx.insertInto("meta").values(last).execute();
    await sql`insert into queue_counts (lab_id, queue_id, status, experiments)
      select lab_id, '', status, count(*) from experiments group by lab_id, status`.execute(change.tx);
  });
  raw.exec("pragma wal_checkpoint(truncate)");
  await store.close();
}

const projectCount = 50;

async function addProjects(tx: Transaction<Schema>, labId: string, at: number): Promise<void> {
  await sql`
    insert into projects (id, lab_id, slug, name, status, created_at, updated_at)
    with recursive numbers(i) as (select 0 union all select i + 1 from numbers where i < ${projectCount - 1})
    select 'p' || i, ${labId}, 'project-' || i, 'Project ' || i, 'active', ${at}, ${at} from numbers`.execute(tx);
}

interface Rows {
  readonly labId: string;
  /** Numbers of the experiments, `from` not included. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly startedAt: number;
}

/** With the triggers of the schema working: counts of projects and the words that are searched are as the lab makes them. */
async function addExperiments(tx: Transaction<Schema>, { labId, from, to, count, startedAt }: Rows): Promise<void> {
  const numbers = sql`recursive numbers(i) as (select ${from + 1} union all select i + 1 from numbers where i < ${to})`;
  const rareEvery = Math.max(1, Math.floor(count / rareTitles));
  await sql`
    insert into experiments (id, lab_id, display_id, title, project_id, template, compute_mode, config, priority, status, result,
      metrics, attempt, log_lines, created_at, updated_at, started_at, ended_at, cost_micros)
    with ${numbers}
    select 'j' || printf('%030x', i), ${labId}, printf('EXP-%03d', i),
      printf('MCMC chain of model %05x, seed %d', (i * 7919) % 65521, i) || iif(i % ${rareEvery} = 0, ${` ${rareWord}`}, ''),
      'p' || (i % ${projectCount}), 'mcmc', 'CPU', '{"seed":1,"chains":4,"max_samples":50000}', i % 4, iif(i % 5 = 0, 'fail', 'pass'),
      'converged after ' || i || ' samples', '{"loss":0.0123,"rminus1":0.0099}', 1, 0,
      ${startedAt} + i * 1000, ${startedAt} + i * 1000, ${startedAt} + i * 1000, ${startedAt} + i * 1000 + 900, 1200
    from numbers`.execute(tx);
  await sql`
    insert into runs (experiment_id, attempt, dir, state, off, seq, started_at, ended_at, exit_code)
    select id, 1, '', 'ended', 0, 0, started_at, ended_at, 0 from experiments where n > ${from} and n <= ${to}`.execute(
    tx,
  );
  await sql`
    insert into experiment_statuses (experiment_id, attempt, from_status, status, at, actor)
    select id, 1, 'running', status, ended_at, 'lab' from experiments where n > ${from} and n <= ${to}`.execute(tx);
  await sql`
    insert into events (topic, ref, payload, at, lab_id, actor)
    select iif(status = 'pass', 'experiment.completed', 'experiment.failed'), id,
      json_object('labId', lab_id, 'experimentId', display_id, 'title', title, 'result', result), ended_at, lab_id, 'lab'
    from experiments where n > ${from} and n <= ${to}`.execute(tx);
}
