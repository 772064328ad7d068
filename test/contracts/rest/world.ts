import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { nouns } from "../../../src/contract/access.js";
import { sampleIds } from "../../../src/contract/sample-ids.js";
import { systemClock } from "../../../src/core/clock.js";
import { runDirectory } from "../../../src/lab/runs/run-directory.js";
import { createFirstLab } from "../../../src/lab/services/labs.js";
import { openSqlite } from "../../../src/lab/store/sqlite.js";
import { createStore, migrate } from "../../../src/lab/store/store.js";
import { type FakeRunPod, startFakeRunPod } from "../../fakes/runpod/start-fake-runpod.js";
import { type OpenLab, openLabOver } from "./lab-over-files.js";

/** A lab that has all that the examples name, beside another lab. */
export interface World {
  readonly lab: OpenLab;
  readonly labId: string;
  /** Of the other lab: its id, and what it has, by the name of the field that would name it. */
  readonly foreign: Foreign;
  readonly keys: WorldKeys;
  /** An example, or part of one, with the ids that things really have. */
  real<T>(example: T): T;
  /** The same lab once more, to be changed. Closed with the world. */
  copy(): Promise<OpenLab>;
  close(): Promise<void>;
}

type Foreign = Readonly<
  Record<
    "labId" | "projectId" | "experimentId" | "queue" | "template" | "paperId" | "taskId" | "agentId" | "figureId",
    string
  >
>;

export interface WorldKeys {
  /** May do everything in the other lab, and nothing here. */
  readonly foreign: string;
  /** By noun: may read and write everything here but that. */
  readonly without: Readonly<Record<string, string>>;
  readonly expired: string;
  readonly revoked: string;
}

const summary = { acceptance: 0.31 };
const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');

export async function openWorld(): Promise<World> {
  const runpod = await startFakeRunPod();
  runpod.control.boot({ provisioningMs: 0, startingMs: 0, ends: "running" });
  const dataDir = mkdtempSync(join(tmpdir(), "hubify-walk-"));
  await makeFirstLab(dataDir);
  const lab = await openLabOver(dataDir, runpod);
  const { services } = lab;
  const labId = await services.labs.idOf(sampleIds.labSlug);
  await services.labs.create({ name: "Retired ideas", slug: sampleIds.otherLabSlug });
  await nameThings(lab, labId);
  const ids: Readonly<Record<string, string>> = { [sampleIds.lab]: labId, ...(await makeThings(lab, labId)) };
  const foreign = await makeForeign(lab);
  const keys = await makeKeys(lab, foreign.labId);
  // What was made is in the one file that is copied.
  await lab.close();
  const pristine = mkdtempSync(join(tmpdir(), "hubify-walk-"));
  cpSync(dataDir, pristine, { recursive: true });

  const open: OpenLab[] = [];
  const reopen = async (directory: string) => {
    const opened = await openLabOver(directory, runpod);
    open.push(opened);
    await placePod(opened, runpod, ids[sampleIds.pod] ?? "");
    return opened;
  };
  return {
    lab: await reopen(dataDir),
    labId,
    foreign,
    keys,
    real<T>(example: T): T {
      let text = JSON.stringify(example ?? {});
      for (const [sample, id] of Object.entries(ids)) text = text.replaceAll(`"${sample}"`, JSON.stringify(id));
      return JSON.parse(text) as T;
    },
    async copy() {
      const directory = mkdtempSync(join(tmpdir(), "hubify-walk-"));
      cpSync(pristine, directory, { recursive: true });
      const { raw } = openSqlite(join(directory, "lab.db"));
      raw.prepare("update runs set dir = replace(dir, ?, ?)").run(dataDir, directory);
      raw.close();
      return reopen(directory);
    },
    async close() {
      for (const opened of open) await opened.close();
      await runpod.close();
      for (const directory of [pristine, ...open.map((opened) => opened.dataDir)]) {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

async function makeFirstLab(dataDir: string): Promise<void> {
  const { db } = openSqlite(join(dataDir, "lab.db"));
  await migrate(db);
  const store = await createStore(db, systemClock);
  await createFirstLab(store, { name: "Dark energy", slug: sampleIds.labSlug });
  await store.close();
}

/** What the examples name by a name. */
async function nameThings({ services, store }: OpenLab, labId: string): Promise<void> {
  const { projects, agents, papers, tasks, skills, queues, templates } = services;
  for (const slug of [sampleIds.project, sampleIds.retiredProject]) await projects.create({ labId, name: slug, slug });
  for (const name of [sampleIds.agent, sampleIds.retiredAgent]) await agents.create({ labId, name });
  for (const slug of [sampleIds.paper, sampleIds.retiredPaper]) await papers.create({ labId, title: slug, slug });
  await papers.record(sampleIds.paper, { content: "# First" });
  await skills.register({ name: sampleIds.skill, version: "1.2.0", description: "Strict types" });
  for (const name of [sampleIds.queue, sampleIds.retiredQueue]) await queues.create({ labId, name });
  for (const name of [sampleIds.template, sampleIds.retiredTemplate]) {
    await templates.create({ labId, name, title: name, config: { command: "true" } });
  }
  for (const displayId of [sampleIds.retiredTask, sampleIds.task]) {
    const { _id } = await tasks.create({ labId, title: "Check the priors" });
    await store.db.updateTable("tasks").set({ display_id: displayId }).where("id", "=", _id).execute();
    await tasks.patch(_id, { status: "todo" });
  }
  // The next one goes on behind the last.
  const counter = `lastTaskNumber:${labId}`;
  await store.db.updateTable("meta").set({ value: "104" }).where("key", "=", counter).execute();
}

/** Experiments that have run, and what the examples name by an id: the real ids by the sample ones. */
async function makeThings(lab: OpenLab, labId: string): Promise<Record<string, string>> {
  const { services } = lab;
  await makeRun(lab, { experimentId: sampleIds.experiment, labId, ends: "pass" });
  await makeRun(lab, { experimentId: sampleIds.resumableExperiment, labId, ends: "fail" });
  // No machine here has such a GPU: it waits.
  const waits = { labId, title: "waits", config: { command: "true" }, computeMode: "H200" as const };
  await services.experiments.create({ ...waits, experimentId: sampleIds.queuedExperiment });
  const batch = { labId, title: "batch", config: { command: "true" }, grid: { seed: [1, 2] }, draft: true };
  const batches = [await services.batches.create(batch), await services.batches.create(batch)];
  const key = await services.keys.create({ name: "ci", scopes: ["labs:read"], labId });
  const session = await services.sessions.create({ agentId: "agent_abc123", ttl: 3600 });
  const hook = await services.webhooks.create({ labId, url: "https://example.com/hook", events: ["experiment.*"] });
  const delivery = await services.webhooks.test(hook.id);
  const figure = await services.figures.register({ labId, source: "upload", file: drawing, fileName: "plane.svg" });
  const script = await services.files.write({ labId, path: "/scripts/run_cobaya.py", content: "print('hello')\n" });
  const backup = await services.backups.create({ labId, type: "checkpoint" });
  await vi.waitUntil(async () => (await services.backups.get(backup.id)).status === "complete", { timeout: 20_000 });
  const pod = await services.pods.create({ labId, gpuType: "H200", gpuCount: 1, name: "planck-chains" });
  // It runs at once there; its patch tells the lab so.
  await services.pods.patch(pod.id, { locked: false });
  return {
    [sampleIds.batch]: batches[0]?.id ?? "",
    [sampleIds.retiredBatch]: batches[1]?.id ?? "",
    [sampleIds.apiKey]: key.id,
    [sampleIds.sessionToken]: session.token,
    [sampleIds.webhook]: hook.id,
    [sampleIds.delivery]: delivery.id,
    [sampleIds.figure]: figure.id,
    [sampleIds.file]: script.fileId,
    [sampleIds.backup]: backup.id,
    [sampleIds.pod]: pod.id,
  };
}

/** An experiment with one attempt: its output, a checkpoint, files, numbers. */
async function makeRun(
  { services, store, dataDir }: OpenLab,
  { experimentId, labId, ends }: { experimentId: string; labId: string; ends: "pass" | "fail" },
): Promise<void> {
  const draft = { labId, experimentId, title: "a chain on planck", config: { command: "true" } };
  const { _id: id } = await services.experiments.create(draft);
  const { _id: pod } = (await services.pods.list(labId))[0] ?? {};
  await services.experiments.claim(id, pod ?? "");
  const dir = runDirectory(dataDir, id, 1);
  mkdirSync(join(dir, "work", "checkpoints"), { recursive: true });
  writeFileSync(join(dir, "work", "summary.json"), JSON.stringify(summary));
  writeFileSync(join(dir, "work", "checkpoints", "chain.json"), '{"step":3,"total_steps":6,"resumable":true}');
  writeFileSync(join(dir, "out"), "step 1\nstep 2\n");
  const at = systemClock.now();
  const run = { experiment_id: id, attempt: 1, dir, state: "ended", off: 14, seq: 2, started_at: at } as const;
  await store.db.insertInto("runs").values(run).execute();
  await services.metrics.post(id, { points: [{ name: "chain.rminus1", step: 1, value: 0.2 }] });
  const outcome = { status: ends, exitCode: ends === "pass" ? 0 : 1, result: ends, qc: null, metrics: { loss: 1 } };
  await services.experiments.settle(id, 1, outcome);
}

/** A lab next door: one of each thing that a field can name. */
async function makeForeign({ services }: OpenLab): Promise<Foreign> {
  const { id: labId } = await services.labs.create({ name: "Elsewhere", slug: "elsewhere" });
  const { projects, agents, papers, tasks, queues, templates, experiments, figures } = services;
  const draft = { labId, title: "theirs", config: { command: "true" }, computeMode: "H200" as const };
  return {
    labId,
    projectId: (await projects.create({ labId, name: "theirs" })).id,
    experimentId: (await experiments.create(draft))._id,
    queue: (await queues.create({ labId, name: "theirs" })).id,
    template: (await templates.create({ labId, name: "theirs", title: "theirs", config: { command: "true" } })).id,
    paperId: (await papers.create({ labId, title: "theirs" })).id,
    taskId: (await tasks.create({ labId, title: "theirs" })).id,
    agentId: (await agents.create({ labId, name: "theirs" })).id,
    figureId: (await figures.register({ labId, source: "upload", file: drawing, fileName: "theirs.svg" })).id,
  };
}

async function makeKeys({ services, store }: OpenLab, foreignLabId: string): Promise<WorldKeys> {
  const { keys } = services;
  const foreign = await keys.create({ name: "theirs", labId: foreignLabId, scopes: ["lab:elsewhere:admin"] });
  const without: Record<string, string> = {};
  for (const noun of nouns) {
    const scopes = nouns.filter((other) => other !== noun).map((other) => `${other}:*`);
    without[noun] = (await keys.create({ name: `without ${noun}`, labId: sampleIds.labSlug, scopes })).key;
  }
  const expired = await keys.create({ name: "expired", scopes: ["*"] });
  await store.db.updateTable("api_keys").set({ expires_at: 1 }).where("id", "=", expired.id).execute();
  const revoked = await keys.create({ name: "revoked", scopes: ["*"] });
  await keys.revoke(revoked.id);
  return { foreign: foreign.key, without, expired: expired.key, revoked: revoked.key };
}

/** The pod of the examples, at a RunPod that has one for this copy alone. */
async function placePod({ store }: OpenLab, { control }: FakeRunPod, id: string): Promise<void> {
  const providerId = control.addPod({ name: "planck-chains" });
  await store.db.updateTable("pods").set({ provider_id: providerId }).where("id", "=", id).execute();
}
