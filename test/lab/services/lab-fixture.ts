import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NewExperiment } from "../../../src/contract/experiment.js";
import type { Template } from "../../../src/contract/lab.js";
import { createExperimentServices } from "../../../src/lab/services/experiments.js";
import { createFirstLab, createLabs } from "../../../src/lab/services/labs.js";
import type { Outcome } from "../../../src/lab/services/service.js";
import { createTemplates } from "../../../src/lab/services/templates.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../../src/lab/store/store.js";

export const templates: readonly Template[] = [
  {
    name: "mcmc",
    title: "MCMC chain",
    description: "A chain",
    computeMode: "CPU",
    config: { command: "run-mcmc", qc: { metrics: { rminus1: { max: 0.01 } } }, args: ["--chains", "4"] },
    estimatedSeconds: 120,
  },
  {
    name: "fisher-forecast",
    title: "Forecast",
    description: "",
    computeMode: "CPU",
    config: { command: "run-fisher" },
    estimatedSeconds: null,
  },
];

/** Built-in templates that take any config, as the services want them. */
export const builtIn = templates.map((template) => ({ template, parameters: () => [], complaint: () => null }));

/** A lab in a directory of its own, whose clock only the test moves. */
export async function openLab() {
  const dataDir = mkdtempSync(join(tmpdir(), "hubify-lab-"));
  const { db } = openSqlite(join(dataDir, "lab.db"));
  await migrate(db);
  const clock = { at: 1_000_000, now: () => clock.at };
  const store = await createStore(db, clock);
  const labId = await createFirstLab(store, { name: "Dark energy", slug: "dark-energy" });
  const labs = createLabs(store);
  const ownTemplates = createTemplates({ store, labs, builtIn });
  const removedLogs: string[] = [];
  const around = createExperimentServices({
    store,
    labs,
    templates: { list: () => templates, use: ownTemplates.use },
    removeLogs: async (id) => void removedLogs.push(id),
  });
  const { experiments } = around;
  const create = (draft: Partial<NewExperiment> = {}) =>
    experiments.create({ labId, title: "a run", config: { command: "true" }, ...draft });
  const events = async () =>
    (await store.db.selectFrom("events").select(["topic", "payload"]).orderBy("seq").execute()).map(
      ({ topic, payload }) => `${topic} ${String((JSON.parse(payload) as { experimentId?: string }).experimentId)}`,
    );
  return { dataDir, store, clock, labId, labs, templates: ownTemplates, ...around, create, removedLogs, events };
}

export const outcome = (status: "pass" | "fail", more: Partial<Outcome> = {}): Outcome => ({
  status,
  exitCode: status === "pass" ? 0 : 1,
  result: status === "pass" ? "all checks passed" : "exit code 1",
  qc: null,
  metrics: {},
  ...more,
});
