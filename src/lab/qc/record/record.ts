import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Experiment, ExperimentConfig } from "../../../contract/experiment.js";
import type { Hashed, Reproduction } from "../../../contract/qc.js";
import { runFiles } from "../../executors/executor.js";
import { scriptPlaces } from "../../runs/command.js";
import { diskReason } from "../../runs/disk-reason.js";
import { filesToSend } from "../../runs/local-command.js";
import type { RunParts } from "../../runs/parts.js";
import { isFile } from "../../runs/run-directory.js";
import { environmentFacts } from "./environment.js";
import { gitFacts } from "./git.js";
import { hashFile } from "./hash-file.js";
import { gpuFacts, hostFacts } from "./host.js";
import { inputFacts } from "./inputs.js";
import { addToRecord, readRecord, writeRecord } from "./record-file.js";
import { remoteFacts } from "./remote.js";
import { seedsIn } from "./seeds.js";

export type RecordParts = Pick<RunParts, "dataDir" | "clock" | "nowMs" | "env" | "hosts" | "log">;

/** A run that is about to start. */
export interface RecordedRun {
  readonly config: ExperimentConfig;
  /** Its directory here, with `config.json` in it. */
  readonly dir: string;
  readonly work: string;
  readonly remoteDir: string | null;
}

/** Records that are still being made, by run directory. */
const underway = new Map<string, Promise<unknown>>();
/** A burst of starts asks git and interpreters one after the other, and so are inputs read: the machine is for the runs. */
const turns = { programs: Promise.resolve(), inputs: Promise.resolve() };

function inTurn(queue: keyof typeof turns, work: () => Promise<void>): Promise<void> {
  const mine = turns[queue].then(work);
  turns[queue] = mine.catch(() => undefined);
  return mine;
}

/**
 * Writes the reproducibility record of a run before it starts: script, config, seeds, host. What takes longer (git, packages,
 * inputs) follows in the background. A record that can't be made keeps no run from starting.
 */
export async function beginRecord(parts: RecordParts, experiment: Experiment, run: RecordedRun): Promise<void> {
  try {
    const script = scriptHere(parts, run);
    writeRecord(run.dir, await firstFacts(parts, experiment, { run, script }));
    const rest = addRest(parts, experiment, { run, script });
    underway.set(run.dir, rest);
    void rest.finally(() => underway.delete(run.dir));
  } catch (error) {
    parts.log(`${experiment.experimentId}: no reproducibility record: ${diskReason(error)}`);
  }
}

/**
 * The record at the run's end, with what is not the same any more. `until`: somebody requires what may still be on its way, and
 * waits for it until then; null: nobody does.
 */
export async function endRecord(
  { dataDir }: Pick<RecordParts, "dataDir">,
  { dir, config, remoteDir }: Omit<RecordedRun, "work">,
  { endedAt, until }: { endedAt: number; until: AbortSignal | null },
): Promise<Reproduction | null> {
  const rest = underway.get(dir);
  if (until !== null && rest !== undefined) await Promise.race([rest, aborted(until)]);
  const record = readRecord(dir);
  if (record === null || record.endedAt !== null) return record;
  const copied = filesToSend(config, join(dataDir, "scripts"));
  const own = new Set(typeof copied === "string" ? [] : copied.map(({ file }) => file));
  // Of files on a pod nobody knows, and what was copied for the run may change as it likes.
  const changed = remoteDir === null ? await changesSince(record, own) : [];
  return addToRecord(dir, { endedAt, changed });
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

interface Subject {
  readonly run: RecordedRun;
  /** The script's path on this machine; null: it has none here. */
  readonly script: string | null;
}

async function firstFacts(
  { clock, hosts }: RecordParts,
  { template, podId }: Experiment,
  { run: { config, dir, remoteDir }, script }: Subject,
): Promise<Reproduction> {
  const configText = await readFile(join(dir, runFiles.config));
  const now = clock.now();
  const there = podId === null ? null : (hosts?.state(podId) ?? null);
  return {
    capturedAt: now,
    complete: false,
    script: script === null ? null : await hashFile(script),
    template: config.script === undefined ? template : null,
    configSha256: createHash("sha256").update(configText).digest("hex"),
    git: null,
    inputs: [],
    inputsLeft: 0,
    environment: null,
    seeds: seedsIn(JSON.parse(configText.toString("utf8"))),
    host:
      remoteDir === null ? hostFacts() : there === null ? null : remoteHost(there.name, there.hello?.system ?? null),
    startedAt: now,
    endedAt: null,
    changed: [],
  };
}

const remoteHost = (name: string, kernel: string | null): NonNullable<Reproduction["host"]> => ({
  name,
  kernel,
  arch: null,
  cpu: null,
  cpus: null,
  memoryBytes: null,
  gpus: [],
  driver: null,
});

/** Never rejects. */
async function addRest(parts: RecordParts, experiment: Experiment, subject: Subject): Promise<void> {
  const { run, script } = subject;
  try {
    await inTurn("programs", async () => {
      const codeDir = script === null ? run.config.cwd : dirname(script);
      const git = codeDir === undefined || isElsewhere(subject) ? null : await gitFacts(codeDir, parts.env);
      addToRecord(run.dir, { git });
      if (run.remoteDir === null) addToRecord(run.dir, await factsHere(parts, subject));
    });
    if (run.remoteDir === null) await inTurn("inputs", () => addInputs(parts, run));
    else addToRecord(run.dir, await factsThere(parts, experiment, subject));
    addToRecord(run.dir, { complete: true });
  } catch (error) {
    parts.log(`${experiment.experimentId}: its reproducibility record is not complete: ${diskReason(error)}`);
  }
}

/** A directory on another machine says nothing about one of that name here. */
const isElsewhere = ({ run, script }: Subject) => run.remoteDir !== null && script === null;

async function factsHere(parts: RecordParts, { run, script }: Subject): Promise<Partial<Reproduction>> {
  const { config, work } = run;
  const env = { ...parts.env, ...config.env };
  const directories = [...(script === null ? [] : [dirname(script)]), work];
  const environment = await environmentFacts({ config, env, directories, nowMs: parts.nowMs });
  return { environment, host: { ...hostFacts(), ...(await gpuFacts(parts.env)) } };
}

async function addInputs({ dataDir }: RecordParts, { config, work, dir }: RecordedRun): Promise<void> {
  const scripts = join(dataDir, "scripts");
  const files = filesToSend(config, scripts);
  const wanted = [...(config.inputs ?? []), ...(typeof files === "string" ? [] : files.map(({ file }) => file))];
  addToRecord(dir, await inputFacts(wanted, { home: homedir(), dirs: [work, scripts] }));
}

async function factsThere(
  { hosts }: RecordParts,
  { podId }: Experiment,
  { run, script }: Subject,
): Promise<Partial<Reproduction>> {
  const session = podId === null ? null : (hosts?.session(podId) ?? null);
  if (session === null) throw new Error("its pod is not connected");
  const { config, remoteDir } = run;
  const isScriptHere = script !== null;
  const found = await remoteFacts(session, { config, remoteDir: remoteDir ?? "", isScriptHere });
  const record = readRecord(run.dir);
  const { inputs, inputsLeft, memoryBytes, gpus } = found;
  return {
    inputs,
    inputsLeft,
    script: found.script ?? record?.script ?? null,
    ...(record?.host ? { host: { ...record.host, memoryBytes, gpus } } : {}),
  };
}

function scriptHere({ dataDir }: RecordParts, { config: { script, cwd }, remoteDir }: RecordedRun): string | null {
  if (script === undefined) return null;
  const here = { cwd: remoteDir === null ? cwd : undefined, scriptsDir: join(dataDir, "scripts"), home: homedir() };
  return scriptPlaces(script, here).find(isFile) ?? null;
}

/** Inputs are compared by size and time: they may be large. */
async function changesSince({ script, inputs }: Reproduction, own: ReadonlySet<string>): Promise<string[]> {
  const changed: string[] = [];
  if (script !== null && script.sha256 !== null) {
    const now = await hashFile(script.path);
    if (now.sha256 !== script.sha256) changed.push(`${script.path} ${verb(now)} while it ran`);
  }
  for (const input of inputs) {
    if (input.bytes === null || own.has(input.path)) continue;
    const now = await hashFile(input.path, 0);
    if (now.bytes !== input.bytes || now.modifiedAt !== input.modifiedAt)
      changed.push(`${input.path} ${verb(now)} while it ran`);
  }
  return changed;
}

const verb = ({ bytes }: Hashed) => (bytes === null ? "was taken away" : "changed");
