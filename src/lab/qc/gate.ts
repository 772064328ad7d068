import { stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { ExperimentConfig, QcCheck } from "../../contract/experiment.js";
import { type CheckEnd } from "./check-command.js";
import { describeExit } from "./exit-code.js";
import { readMetricsFile } from "./metrics-file.js";

/** Clocks of file servers differ: a file this much older than the start still counts as new. */
const clockSlackMs = 2000;

/** Other names under which a bound finds a metric of the log. */
const aliases: Readonly<Record<string, string>> = {
  rhat_minus_1: "chain.rminus1",
  rminus1: "chain.rminus1",
  rminus1_cl: "chain.rminus1_cl",
  ess: "chain.ess",
  acceptance: "chain.acceptance",
};

export interface GateInput {
  readonly exitCode: number;
  readonly config: ExperimentConfig;
  /** Where the run worked; outputs and metrics.json are looked for there. */
  readonly work: string;
  /** The run's own directory, also looked at when the run worked elsewhere. */
  readonly ownWork: string;
  /** ms; an output that is older was not made by this run. */
  readonly startedAt: number;
  /** Last value of each metric that the run printed. */
  readonly printed: Readonly<Record<string, number>>;
  /** Runs `config.qc.check`. */
  readonly check: (command: string) => Promise<CheckEnd>;
}

export interface Verdict {
  readonly verdict: "pass" | "fail";
  readonly checks: readonly QcCheck[];
  /** `pass: 3 checks`, or `fail:` with the reason of every failed check. */
  readonly result: string;
  /** Finite numbers only: printed ones, and over them those of metrics.json. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Judges a run that ended by itself. The check command runs only when everything before it passed: it may be costly. */
export async function passGate(input: GateInput): Promise<Verdict> {
  const written = await metricsOf(input);
  const metrics = { ...input.printed, ...written.metrics };
  const checks = [
    exitCheck(input.exitCode),
    ...(await Promise.all((input.config.outputs ?? []).map((output) => outputCheck(output, input)))),
    ...written.checks,
    ...boundChecks(input.config, metrics),
  ];
  const command = input.config.qc?.check;
  if (command !== undefined && checks.every(({ ok }) => ok)) {
    checks.push({ name: "check", ...(await input.check(command)) });
  }
  const failed = checks.filter(({ ok }) => !ok);
  return {
    verdict: failed.length === 0 ? "pass" : "fail",
    checks,
    result: resultOf(checks, failed),
    metrics: Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value))),
  };
}

function resultOf(checks: readonly QcCheck[], failed: readonly QcCheck[]): string {
  if (failed.length > 0) return `fail: ${failed.map(({ reason }) => reason).join("; ")}`;
  return `pass: ${checks.length} ${checks.length === 1 ? "check" : "checks"}`;
}

const exitCheck = (code: number): QcCheck => ({ name: "exit code", ok: code === 0, reason: describeExit(code) });

async function metricsOf({ work, ownWork }: GateInput) {
  for (const dir of new Set([work, ownWork])) {
    const found = await readMetricsFile(join(dir, "metrics.json"));
    if (typeof found === "string") return { metrics: {}, checks: [{ name: "metrics.json", ok: false, reason: found }] };
    if (found !== null) return { metrics: found, checks: [] };
  }
  return { metrics: {}, checks: [] };
}

async function outputCheck(output: string, { work, ownWork, startedAt }: GateInput): Promise<QcCheck> {
  const name = `output ${output}`;
  const places = isAbsolute(output) ? [output] : [...new Set([work, ownWork])].map((dir) => join(dir, output));
  for (const place of places) {
    const found = await stat(place).catch(() => null);
    if (found === null) continue;
    if (!found.isDirectory() && found.size === 0) return { name, ok: false, reason: `${output} is empty` };
    if (found.mtimeMs < startedAt - clockSlackMs)
      return { name, ok: false, reason: `${output} is older than this run` };
    return { name, ok: true, reason: found.isDirectory() ? "directory" : `${found.size} bytes` };
  }
  return { name, ok: false, reason: `${output} is missing` };
}

function boundChecks(config: ExperimentConfig, metrics: Readonly<Record<string, number>>): QcCheck[] {
  return Object.entries(config.qc?.metrics ?? {}).map(([name, { min, max }]) => {
    const value = metrics[name] ?? metrics[aliases[name] ?? name];
    return { name, ...judge(name, value, { min, max }) };
  });
}

function judge(
  name: string,
  value: number | undefined,
  { min, max }: { min: number | undefined; max: number | undefined },
) {
  if (value === undefined) return { ok: false, reason: `${name} was never reported` };
  const says = `${name} = ${shortNumber(value)}`;
  if (Number.isNaN(value)) return { ok: false, reason: says };
  if (min !== undefined && value < min) return { ok: false, reason: `${says} below ${min}` };
  if (max !== undefined && value > max) return { ok: false, reason: `${says} above ${max}` };
  return { ok: true, reason: says };
}

const shortNumber = (value: number) => String(Number.isFinite(value) ? Number(value.toPrecision(4)) : value);
