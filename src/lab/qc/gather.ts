import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { ExperimentConfig } from "../../contract/experiment.js";
import type { Reproduction } from "../../contract/qc.js";
import { type CatalogueFacts, readCatalogue } from "./catalogue.js";
import { countRows } from "./count-rows.js";
import type { ChainFacts, Facts, NotFinite, OutputFacts } from "./facts.js";
import { firstNotFinite } from "./metric-lines.js";
import { notFiniteIn, numbersOf, readResultFile } from "./metrics-file.js";

/** Clocks of file servers differ: a file this much older than the start still counts as new. */
const clockSlackMs = 2000;
/** Result files besides metrics.json, each looked at where it is; so is every JSON file among the outputs. */
const resultFiles = ["diagnostics.json", "summary.json", "result.json", "results.json"];
const noChain: ChainFacts = { convergedAt: null, cutOffAt: null, resumedAt: null, notFiniteAt: null, lastAt: null };

/** What is known of an ended run without looking at its files. */
export interface GateInput {
  /** null: nobody knows. */
  readonly exitCode: number | null;
  /** Why it was stopped, in words; null: it ended by itself. */
  readonly stopped?: string | null;
  readonly config: ExperimentConfig;
  /** Where the run worked; outputs and metrics.json are looked for there. */
  readonly work: string;
  /** The run's own directory, also looked at when the run worked elsewhere. */
  readonly ownWork: string;
  /** ms; an output that is older was not made by this run. */
  readonly startedAt: number;
  /** Last value of each metric that the run printed. */
  readonly printed: Readonly<Record<string, number>>;
  readonly chain?: ChainFacts;
  readonly targets?: Facts["targets"];
  readonly record?: Reproduction | null;
}

/** Reads what the gates look at: sizes, rows, result files and tables of the run. */
export async function gatherFacts(input: GateInput): Promise<Facts> {
  const { config, exitCode, stopped = null, chain = noChain, record = null } = input;
  const outputs = await outputsOf(input);
  const results = await resultsOf(input, outputs);
  return {
    config,
    qc: config.qc ?? {},
    exit: { code: exitCode, stopped },
    outputs: outputs.map(({ facts }) => facts),
    metrics: { ...input.printed, ...results.metrics },
    results: results.numbers,
    unreadable: results.unreadable,
    notFinite: [...results.notFinite, ...(await notFiniteLines(input))],
    chain,
    targets: input.targets ?? { rminus1: null, rminus1_cl: null },
    catalogues: await cataloguesOf(config, outputs),
    record,
  };
}

const placesOf = ({ work, ownWork }: GateInput) => [...new Set([work, ownWork])];
const isSkipped = ({ qc }: ExperimentConfig, gate: string) => qc?.skip?.some((each) => each === gate) ?? false;

interface FoundOutput {
  readonly facts: OutputFacts;
  /** null: it is no file of this run that can be read. */
  readonly path: string | null;
}

/** Those of `config.outputs`, and those that only `config.qc.outputs` names. */
async function outputsOf(input: GateInput): Promise<FoundOutput[]> {
  const { outputs = [], qc } = input.config;
  const names = new Set([...outputs, ...Object.keys(qc?.outputs ?? {})]);
  return await Promise.all([...names].map((name) => outputOf(name, input)));
}

async function outputOf(name: string, input: GateInput): Promise<FoundOutput> {
  const missing = { name, state: "missing", isDirectory: false, bytes: 0, rows: null } as const;
  const places = isAbsolute(name) ? [name] : placesOf(input).map((dir) => join(dir, name));
  for (const path of places) {
    const found = await stat(path).catch(() => null);
    if (found === null) continue;
    const about = { ...missing, isDirectory: found.isDirectory(), bytes: found.size, state: stateOf(found, input) };
    if (about.state !== "there" || !found.isFile()) return { facts: about, path: null };
    const { minRows } = input.config.qc?.outputs?.[name] ?? {};
    const rows = minRows === undefined ? null : await countRows(path, minRows);
    return { facts: { ...about, rows }, path };
  }
  return { facts: missing, path: null };
}

function stateOf(found: Stats, { startedAt }: GateInput): OutputFacts["state"] {
  if (!found.isDirectory() && found.size === 0) return "empty";
  return found.mtimeMs < startedAt - clockSlackMs ? "old" : "there";
}

interface Results {
  readonly metrics: Readonly<Record<string, number>>;
  readonly numbers: Readonly<Record<string, number>>;
  readonly unreadable: Facts["unreadable"];
  readonly notFinite: readonly NotFinite[];
}

async function resultsOf(input: GateInput, outputs: readonly FoundOutput[]): Promise<Results> {
  const metrics = await readFirst(input, "metrics.json");
  const unreadable = typeof metrics === "string" ? [{ file: "metrics.json", reason: metrics }] : [];
  const read = [{ name: "metrics.json", value: valueIn(metrics) }];
  const named = outputs.flatMap(({ facts: { name }, path }) =>
    path !== null && name.endsWith(".json") ? [{ name, path }] : [],
  );
  for (const { name, path } of named) read.push({ name, value: valueIn(await readResultFile(path)) });
  for (const name of resultFiles) {
    if (!read.some((file) => file.name === name)) read.push({ name, value: valueIn(await readFirst(input, name)) });
  }
  return {
    metrics: numbersOf(valueIn(metrics)),
    numbers: Object.assign({}, ...read.slice(1).map(({ value }) => numbersOf(value))) as Record<string, number>,
    unreadable,
    notFinite: read
      .filter(({ name }, index) => read.findIndex((file) => file.name === name) === index)
      .flatMap(({ name, value }) =>
        notFiniteIn(value).map((found) => ({ place: `${name}: ${found.name}`, value: found.value })),
      ),
  };
}

const valueIn = (read: Awaited<ReturnType<typeof readResultFile>>) =>
  read === null || typeof read === "string" ? undefined : read.value;

/** As a file of this run: one that was there before says nothing about it. */
async function readFirst(input: GateInput, name: string) {
  for (const dir of placesOf(input)) {
    const path = join(dir, name);
    const found = await stat(path).catch(() => null);
    if (found === null || (name !== "metrics.json" && found.mtimeMs < input.startedAt - clockSlackMs)) continue;
    return await readResultFile(path);
  }
  return null;
}

async function notFiniteLines(input: GateInput): Promise<NotFinite[]> {
  if (isSkipped(input.config, "finite")) return [];
  for (const dir of placesOf(input)) {
    const hit = await firstNotFinite(join(dir, "metrics.jsonl"));
    if (hit === null) continue;
    const field = hit.name === null ? "" : `: ${hit.name}`;
    return [{ place: `metrics.jsonl, line ${hit.line}${field}`, value: hit.value }];
  }
  return [];
}

async function cataloguesOf(config: ExperimentConfig, outputs: readonly FoundOutput[]): Promise<CatalogueFacts[]> {
  if (isSkipped(config, "numeric")) return [];
  const found: CatalogueFacts[] = [];
  for (const { facts, path } of outputs) {
    if (path === null || !/\.csv$/i.test(facts.name)) continue;
    const catalogue = await readCatalogue(path, facts.name).catch(() => null);
    if (catalogue !== null) found.push(catalogue);
  }
  return found;
}
