import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Experiment, NewExperiment } from "../../../src/contract/experiment.js";
import { localExecutor, runEnvironment } from "../../../src/lab/executors/local.js";
import { createRecorder } from "../../../src/lab/qc/record/create-recorder.js";
import type { RunParts } from "../../../src/lab/runs/parts.js";
import { createRuns } from "../../../src/lab/runs.js";
import { createScheduler } from "../../../src/lab/scheduler/loop.js";
import { createExperimentServices } from "../../../src/lab/services/experiments.js";
import { createFirstLab, createLabs } from "../../../src/lab/services/labs.js";
import { createLogs } from "../../../src/lab/services/logs.js";
import { createMetrics } from "../../../src/lab/services/metrics.js";
import { createTemplates } from "../../../src/lab/services/templates.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../../src/lab/store/store.js";
import { registerLocalPod } from "../../../src/lab/telemetry/local-pod.js";
import { localPods } from "../pods/pods-fixture.js";

export const freshDir = () => mkdtempSync(join(tmpdir(), "hubify-runs-"));

/** The part of a lab that runs experiments, on a data directory that may have been used before. */
export async function openLab(dataDir: string, options: { slots?: number; parts?: Partial<RunParts> } = {}) {
  mkdirSync(join(dataDir, "scripts"), { recursive: true });
  const clock = { now: () => Date.now() };
  const { db } = openSqlite(join(dataDir, "lab.db"));
  await migrate(db);
  const store = await createStore(db, clock);
  const labId = await createFirstLab(store, { name: "test", slug: "test" });
  const podId = await registerLocalPod(store, { slots: options.slots ?? 16, name: "here" });
  const labs = createLabs(store);
  const logs = createLogs({ store, dataDir });
  const metrics = createMetrics(store, []);
  const pods = localPods({ store, clock, labs, podId });
  const own = createTemplates({ store, labs, builtIn: [] });
  const templates = { list: () => [], use: own.use };
  const around = createExperimentServices({ store, labs, templates, removeLogs: logs.remove });
  const { experiments } = around;
  const services = { labs, ...around, logs, metrics, pods };
  const env = runEnvironment(process.env);
  const local = localExecutor({ env });
  const said: string[] = [];
  const log = (line: string) => void said.push(line);
  const parts: RunParts = {
    store,
    services,
    executorFor: () => local,
    hosts: null,
    dataDir,
    clock,
    nowMs: () => performance.now(),
    recorder: createRecorder({
      dataDir,
      clock,
      nowMs: () => performance.now(),
      env,
      hosts: null,
      log,
      ...options.parts,
    }),
    templates: [],
    nodePath: process.execPath,
    templatesEntry: "templates.js",
    env,
    nice: 0,
    log,
    ...options.parts,
  };
  const runs = createRuns(parts);
  const scheduler = createScheduler({
    store,
    clock,
    services,
    templates: [],
    takesAnyGpu: false,
    launch: runs.launch,
    log,
  });
  await runs.start();
  scheduler.start();

  return {
    store,
    services,
    checkpoints: around.checkpoints,
    labId,
    templates: own,
    podId,
    said,
    recorder: parts.recorder,
    runs,
    create: (config: Record<string, unknown>, draft: Partial<NewExperiment> = {}) =>
      experiments.create({ labId, title: "a run", config, ...draft }),
    /** Waits until the experiment is what it should be. */
    async until(id: string, isSo: (experiment: Experiment) => boolean, timeoutMs = 10_000) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const experiment = await experiments.get(id);
        if (isSo(experiment)) return experiment;
        if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(experiment)}\n${said.join("\n")}`);
        await pause(20);
      }
    },
    /** Leaves the runs alone. */
    async detach() {
      await scheduler.stop();
      await runs.stop();
      await store.close();
    },
    /** Ends what still runs. */
    async close() {
      await scheduler.stop();
      for (const { executor, handle } of runs.live()) await executor.stop(handle, "SIGKILL");
      await runs.stop();
      await store.close();
    },
  };
}

export const ended = ({ status }: Experiment) => status === "pass" || status === "fail";

export async function allLines(lab: Awaited<ReturnType<typeof openLab>>, id: string): Promise<string[]> {
  const lines: string[] = [];
  for (let after = -1; ; ) {
    const page = await lab.services.logs.since(id, { after, limit: 5000 });
    for (const row of page.rows) {
      if (row.seq !== lines.length) throw new Error(`line ${row.seq} follows line ${lines.length - 1}`);
      lines.push(row.message);
    }
    if (!page.more) return lines;
    after = page.next;
  }
}
