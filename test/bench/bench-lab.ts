import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { defaultLabDir, labFiles, makePrivateDir, resolvePaths } from "../../src/config/paths.js";
import { Experiment } from "../../src/contract/experiment.js";
import { systemClock } from "../../src/core/clock.js";
import { countExperiments, createFirstLab } from "../../src/lab/services/labs.js";
import { openSqlite } from "../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../src/lab/store/store.js";
import { labOf, run, stopEverything } from "../e2e/lab.js";
import { waitUntil } from "./process-cost.js";

/** A fresh home for config, state and data, removed with the benchmark. No config file, as on most machines, unless something is to be set. */
export function benchHome(cleanup: AsyncDisposableStack, labConfig?: Readonly<Record<string, unknown>>): string {
  const home = mkdtempSync(join(tmpdir(), "hubify-bench-"));
  cleanup.defer(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  if (labConfig === undefined) return home;
  const { configDir } = resolvePaths({ HUBIFY_TUI_HOME: home }, home);
  mkdirSync(configDir, { recursive: true });
  writeFileSync(join(configDir, "config.json"), JSON.stringify({ lab: labConfig }));
  return home;
}

export interface BenchLab {
  readonly url: string;
  readonly pid: number;
  readonly token: string;
  get(path: string): Promise<unknown>;
  /** Queues a command; answers when it runs. */
  launch(title: string, command: string): Promise<Experiment>;
  experiment(id: string): Promise<Experiment>;
}

/** Starts the lab of this home; it and its runs end with the benchmark. */
export async function startBenchLab(cleanup: AsyncDisposableStack, home: string): Promise<BenchLab> {
  cleanup.defer(() => stopEverything(home));
  await run(home, ["lab", "start"]);
  const found = await labOf(home);
  if (found === null) throw new Error("the lab did not start");
  const { url, pid } = found;
  const token = readFileSync(found.tokenFile, "utf8").trim();

  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(`${url}${path}`, { ...init, headers });
    const answer = (await response.json()) as { data?: unknown };
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer.data;
  };
  const experiment = async (id: string) => Experiment.parse(await call(`/v1/experiments/${id}`));
  return {
    url,
    pid,
    token,
    experiment,
    get: (path) => call(path),
    async launch(title, command) {
      const body = JSON.stringify({ labId: "local", title, config: { command, graceSeconds: 1 } });
      const { _id } = Experiment.parse(await call("/v1/experiments", { method: "POST", body }));
      await waitUntil(async () => (await experiment(_id)).status !== "queued", 10_000, `${title} runs`);
      return experiment(_id);
    },
  };
}

/** So old that no age on the screen changes while something else is measured. */
const ageMs = 60 * 86_400_000;

/**
 * Puts so many finished experiments into the database of a lab that has never been started, in one transaction. Answers the
 * document ids of some of them, evenly spread.
 */
export async function seedExperiments(home: string, count: number): Promise<readonly string[]> {
  const labDir = defaultLabDir(resolvePaths({ HUBIFY_TUI_HOME: home }, home));
  makePrivateDir(labDir);
  const { db } = openSqlite(labFiles(labDir).database);
  await migrate(db);
  const store = await createStore(db, systemClock);
  const labId = await createFirstLab(store, { name: "Local lab", slug: "local" });
  const spread = await store.change(async (change) => {
    const { tx } = change;
    const startedAt = change.at - ageMs;
    await sql`
      insert into experiments (id, lab_id, display_id, title, compute_mode, config, priority, status, result, attempt,
        log_lines, created_at, updated_at, started_at, ended_at)
      with recursive numbers(i) as (select 1 union all select i + 1 from numbers where i < ${count})
      select 'j' || lower(hex(randomblob(15))), ${labId}, printf('EXP-%03d', i), 'MCMC chain, seed ' || i, 'CPU', '{"seed":1}',
        i % 4, iif(i % 5 = 0, 'fail', 'pass'), 'exit code 0', 1, 0,
        ${startedAt} - (${count} - i) * 1000, ${startedAt} - (${count} - i) * 1000, ${startedAt} - (${count} - i) * 1000,
        ${startedAt} - (${count} - i) * 1000 + 900
      from numbers`.execute(tx);
    await countExperiments(change, labId, count);
    await tx
      .insertInto("meta")
      .values({ key: `lastDisplayNumber:${labId}`, value: String(count) })
      .execute();
    const step = Math.max(1, Math.floor(count / 200));
    return tx.selectFrom("experiments").select("id").where(sql`n % ${step}`, "=", 0).execute();
  });
  await store.close();
  return spread.map(({ id }) => id);
}
