import { isAbsolute, join } from "node:path";
import type { Experiment, ExperimentConfig } from "../../contract/experiment.js";
import type { QcConfig, Reproduction } from "../../contract/qc.js";
import { runFiles } from "../executors/executor.js";
import { localName } from "../runs/output-name.js";
import type { RunParts } from "../runs/parts.js";
import { chainFactsOf } from "./chain-facts.js";
import { runCheck } from "./check-command.js";
import { describeExit } from "./exit-code.js";
import { passGate, type Verdict } from "./gate.js";
import type { Recorder } from "./record/recorder.js";

export interface ExamineParts {
  /** As check commands inherit it. */
  readonly env: NodeJS.ProcessEnv;
  readonly recorder: Recorder;
  readonly services: Pick<RunParts["services"], "experiments" | "logs" | "metrics">;
}

/** An attempt that ended, with its files here. */
export interface EndedAttempt {
  readonly experiment: Pick<Experiment, "_id" | "experimentId" | "attempt">;
  readonly config: ExperimentConfig;
  readonly dir: string;
  /** `config.cwd`, or `work/` in `dir`. */
  readonly work: string;
  readonly remoteDir: string | null;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exitCode: number | null;
  /** Why it was stopped; null: it ended by itself. */
  readonly stopped: string | null;
}

const defaultCheckSeconds = 60;
const shownErrorLength = 200;

/** Judges an attempt by its files and numbers. It may be done again at any time: nothing of the run is changed by it. */
export async function examine(parts: ExamineParts, attempt: EndedAttempt, signal: AbortSignal): Promise<Verdict> {
  const { experiment, dir, work, startedAt, exitCode, stopped } = attempt;
  const { printed, points, targets } = await printedBy(parts, experiment._id);
  const config = attempt.remoteDir === null ? attempt.config : configAtHome(attempt.config);
  const timeoutMs = 1000 * (config.qc?.checkTimeoutSeconds ?? defaultCheckSeconds);
  const env = checkEnv(parts.env, attempt);
  const verdict = await passGate(
    {
      exitCode,
      stopped,
      config,
      work,
      ownWork: join(dir, runFiles.work),
      startedAt,
      printed,
      chain: chainFactsOf(points),
      targets,
      record: await recordOf(parts, attempt, signal),
    },
    (command) => runCheck({ command, cwd: work, env, timeoutMs, signal }),
  );
  if (exitCode === null || exitCode === 0 || stopped !== null) return verdict;
  return { ...verdict, result: await describeFailure(parts, experiment._id, exitCode) };
}

/** The code, and the last error of the log: mostly it says why. */
async function describeFailure({ services }: ExamineParts, id: string, code: number): Promise<string> {
  const last = await services.logs.lastError(id);
  const said = last?.message.trim().slice(0, shownErrorLength) ?? "";
  return `fail: ${describeExit(code)}${said === "" ? "" : `: ${said}`}`;
}

/** The numbers that the current attempt printed; `printed` has the last value of each. */
export async function printedBy({ services }: Pick<ExamineParts, "services">, id: string) {
  const { metrics: told } = await services.experiments.get(id);
  // The stored points are ahead of what the experiment was told of, if a lab was killed in between.
  const { points, targets } = await services.metrics.series(id);
  return {
    printed: { ...told, ...Object.fromEntries(points.map(({ name, value }) => [name, value])) },
    points,
    targets,
  };
}

/** Waits for what is still being captured only where the config requires something of it. */
export function recordOf(
  parts: ExamineParts,
  attempt: EndedAttempt,
  signal: AbortSignal,
): Promise<Reproduction | null> {
  const { config, endedAt } = attempt;
  const isRequired = (config.qc?.require ?? []).some((requirement) => requirement !== "progress");
  return parts.recorder.end(attempt, { endedAt, until: isRequired ? signal : null });
}

/** Outputs that were written elsewhere on a pod are judged by their copy here. */
function configAtHome(config: ExperimentConfig): ExperimentConfig {
  const { outputs, qc } = config;
  const home = (output: string) => (isAbsolute(output) || localName(output) !== output ? localName(output) : output);
  return {
    ...config,
    ...(outputs === undefined ? {} : { outputs: outputs.map(home) }),
    ...(qc?.outputs === undefined ? {} : { qc: { ...qc, outputs: renamed(qc.outputs, home) } }),
  };
}

const renamed = (outputs: NonNullable<QcConfig["outputs"]>, home: (output: string) => string) =>
  Object.fromEntries(Object.entries(outputs).map(([output, bound]) => [home(output), bound]));

function checkEnv(env: NodeJS.ProcessEnv, { config, experiment, dir }: EndedAttempt): NodeJS.ProcessEnv {
  return {
    ...env,
    ...config.env,
    HUBIFY_EXPERIMENT_ID: experiment.experimentId,
    HUBIFY_RUN_DIR: join(dir, runFiles.work),
    HUBIFY_CONFIG: join(dir, runFiles.config),
  };
}
