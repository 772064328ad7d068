import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Experiment } from "../../../contract/experiment.js";
import type { Hashed, Reproduction } from "../../../contract/qc.js";
import type { Clock } from "../../../core/clock.js";
import { runFiles } from "../../executors/executor.js";
import type { Hosts } from "../../hosts/hosts.js";
import { scriptPlaces } from "../../runs/command.js";
import { diskReason } from "../../runs/disk-reason.js";
import { filesToSend } from "../../runs/local-command.js";
import { isFile } from "../../runs/run-directory.js";
import { createInterpreters, environmentFacts, type Interpreters } from "./environment.js";
import { gitFacts } from "./git.js";
import { createHasher, type HashFile } from "./hash-file.js";
import { gpuFacts, hostFacts, unknownHost } from "./host.js";
import { inputFacts } from "./inputs.js";
import { addToRecord, readRecord, writeRecord } from "./record-file.js";
import type { RecordedRun, Recorder } from "./recorder.js";
import { remoteFacts } from "./remote.js";
import { seedsIn } from "./seeds.js";

export interface RecorderParts {
  readonly dataDir: string;
  readonly clock: Clock;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** As runs inherit it. */
  readonly env: NodeJS.ProcessEnv;
  readonly hosts: Pick<Hosts, "session" | "state"> | null;
  readonly log: (line: string) => void;
}

/** What the recording of one run stands on. */
interface Recording {
  readonly parts: RecorderParts;
  readonly hash: HashFile;
  readonly interpreters: Interpreters;
  readonly gpus: () => ReturnType<typeof gpuFacts>;
  readonly inTurn: (queue: "programs" | "inputs", work: () => Promise<void>) => Promise<void>;
}

export function createRecorder(parts: RecorderParts): Recorder {
  const hash = createHasher();
  const interpreters = createInterpreters(parts.nowMs);
  /** Records that are still being made, by run directory. */
  const underway = new Map<string, Promise<unknown>>();
  /** A burst of starts asks git and interpreters one after the other, and so are inputs read: the machine is for the runs. */
  const turns = { programs: Promise.resolve(), inputs: Promise.resolve() };
  let gpus: ReturnType<typeof gpuFacts> | undefined;

  const recording: Recording = {
    parts,
    hash,
    interpreters,
    gpus: () => (gpus ??= gpuFacts(parts.env)),
    inTurn(queue, work) {
      const mine = turns[queue].then(work);
      turns[queue] = mine.catch(() => undefined);
      return mine;
    },
  };

  return {
    async begin(experiment, run) {
      try {
        const subject = { experiment, run, script: scriptHere(parts, run) };
        writeRecord(run.dir, await firstFacts(recording, subject));
        const rest = addRest(recording, subject).finally(() => underway.delete(run.dir));
        underway.set(run.dir, rest);
      } catch (error) {
        parts.log(`${experiment.experimentId}: no reproducibility record: ${diskReason(error)}`);
      }
    },

    async end({ dir, config, remoteDir }, { endedAt, until }) {
      if (until !== null) await settledOr(underway.get(dir), until);
      const record = readRecord(dir);
      if (record === null || record.endedAt !== null) return record;
      const copied = filesToSend(config, join(parts.dataDir, "scripts"));
      const own = new Set(typeof copied === "string" ? [] : copied.map(({ file }) => file));
      // Of files on a pod nobody knows, and what was copied for the run may change as it likes.
      const changed = remoteDir === null ? await changesSince(record, own, hash) : [];
      return addToRecord(dir, { endedAt, changed });
    },
  };
}

/** Resolves when either of them is over. */
async function settledOr(work: Promise<unknown> | undefined, until: AbortSignal): Promise<void> {
  if (work === undefined || until.aborted) return;
  const over = Promise.withResolvers<undefined>();
  const end = () => over.resolve(undefined);
  until.addEventListener("abort", end, { once: true });
  await Promise.race([work, over.promise]);
  until.removeEventListener("abort", end);
}

interface Subject {
  readonly experiment: Pick<Experiment, "experimentId" | "template" | "podId">;
  readonly run: RecordedRun;
  /** The script's path on this machine; null: it has none here. */
  readonly script: string | null;
}

async function firstFacts({ parts, hash }: Recording, { experiment, run, script }: Subject): Promise<Reproduction> {
  const { config, dir, remoteDir } = run;
  const { template, podId } = experiment;
  const configText = await readFile(join(dir, runFiles.config));
  const now = parts.clock.now();
  const there = podId === null ? null : (parts.hosts?.state(podId) ?? null);
  const hostThere = there === null ? null : { ...unknownHost, name: there.name, kernel: there.hello?.system ?? null };
  return {
    capturedAt: now,
    complete: false,
    script: script === null ? null : await hash(script),
    template: config.script === undefined ? template : null,
    configSha256: createHash("sha256").update(configText).digest("hex"),
    git: null,
    inputs: [],
    inputsLeft: 0,
    environment: null,
    seeds: seedsIn(JSON.parse(configText.toString("utf8"))),
    host: remoteDir === null ? hostFacts() : hostThere,
    startedAt: now,
    endedAt: null,
    changed: [],
  };
}

/** Never rejects. */
async function addRest(recording: Recording, subject: Subject): Promise<void> {
  const { parts, inTurn } = recording;
  const { experiment, run, script } = subject;
  const isHere = run.remoteDir === null;
  try {
    await inTurn("programs", async () => {
      // A directory on another machine says nothing about one of that name here.
      const codeDir = script === null ? (isHere ? run.config.cwd : undefined) : dirname(script);
      addToRecord(run.dir, { git: codeDir === undefined ? null : await gitFacts(codeDir, parts.env) });
      if (isHere) addToRecord(run.dir, await factsHere(recording, subject));
    });
    if (isHere) await inTurn("inputs", () => addInputs(recording, run));
    else addToRecord(run.dir, await factsThere(parts, subject));
    addToRecord(run.dir, { complete: true });
  } catch (error) {
    parts.log(`${experiment.experimentId}: its reproducibility record is not complete: ${diskReason(error)}`);
  }
}

async function factsHere(
  { parts, hash, interpreters, gpus }: Recording,
  { run: { config, work }, script }: Subject,
): Promise<Partial<Reproduction>> {
  const env = { ...parts.env, ...config.env };
  const directories = [...(script === null ? [] : [dirname(script)]), work];
  const environment = await environmentFacts({ config, env, directories, hash, interpreters });
  return { environment, host: { ...hostFacts(), ...(await gpus()) } };
}

async function addInputs({ parts, hash }: Recording, { config, work, dir }: RecordedRun): Promise<void> {
  const scripts = join(parts.dataDir, "scripts");
  const files = filesToSend(config, scripts);
  const wanted = [...(config.inputs ?? []), ...(typeof files === "string" ? [] : files.map(({ file }) => file))];
  addToRecord(dir, await inputFacts(wanted, { home: homedir(), dirs: [work, scripts], hash }));
}

async function factsThere(
  { hosts }: RecorderParts,
  { experiment: { podId }, run, script }: Subject,
): Promise<Partial<Reproduction>> {
  const session = podId === null ? null : (hosts?.session(podId) ?? null);
  if (session === null) throw new Error("its pod is not connected");
  const { config, remoteDir } = run;
  const found = await remoteFacts(session, { config, remoteDir: remoteDir ?? "", isScriptHere: script !== null });
  const record = readRecord(run.dir);
  const { inputs, inputsLeft, memoryBytes, gpus } = found;
  return {
    inputs,
    inputsLeft,
    script: found.script ?? record?.script ?? null,
    ...(record?.host ? { host: { ...record.host, memoryBytes, gpus } } : {}),
  };
}

function scriptHere({ dataDir }: RecorderParts, { config: { script, cwd }, remoteDir }: RecordedRun): string | null {
  if (script === undefined) return null;
  const here = { cwd: remoteDir === null ? cwd : undefined, scriptsDir: join(dataDir, "scripts"), home: homedir() };
  return scriptPlaces(script, here).find(isFile) ?? null;
}

/** Inputs are compared by size and time: they may be large. */
async function changesSince(
  { script, inputs }: Reproduction,
  own: ReadonlySet<string>,
  hash: HashFile,
): Promise<string[]> {
  const changed: string[] = [];
  if (script !== null && script.sha256 !== null) {
    const now = await hash(script.path);
    if (now.sha256 !== script.sha256) changed.push(`${script.path} ${verb(now)} while it ran`);
  }
  for (const input of inputs) {
    if (input.bytes === null || own.has(input.path)) continue;
    const now = await hash(input.path, 0);
    if (now.bytes !== input.bytes || now.modifiedAt !== input.modifiedAt) {
      changed.push(`${input.path} ${verb(now)} while it ran`);
    }
  }
  return changed;
}

const verb = ({ bytes }: Hashed) => (bytes === null ? "was taken away" : "changed");
