import type { Experiment, RetryPolicy } from "../../contract/experiment.js";
import type { Template } from "../../contract/lab.js";
import type { Change, LabStore } from "../store/store.js";
import { runConfig } from "./experiment-config.js";
import { type ExperimentRow, toExperiment } from "./experiment-rows.js";
import type { Outcome } from "./service.js";
import { configSource } from "./template-content.js";

export interface RetryParts {
  readonly store: LabStore;
  readonly templates: { list(): readonly Template[] };
  /** What a new attempt can go on from: `<attempt>/<path>`. */
  readonly latestCheckpoint?: ((experiment: Experiment) => Promise<string | null>) | undefined;
}

export interface Retry {
  /** Not before this moment, ms. */
  readonly at: number;
  /** `retries at 14:03:20 UTC (attempt 2 of 3)`. */
  readonly reason: string;
  readonly resumeFrom: string | null;
}

/** How such retries are told apart in the history from what people queue. */
const retryWords = "retries at ";

/** Whether a failed attempt is followed by another, and when; null: it is not. */
export async function retryAfter(
  parts: RetryParts,
  change: Change,
  { row, outcome }: { row: ExperimentRow; outcome: Outcome },
): Promise<Retry | null> {
  const cause = causeOf(outcome);
  if (cause === null || row.cancel_requested === 1) return null;
  const policy = await policyOf(parts, row.id);
  if (policy?.on.includes(cause) !== true) return null;
  const made = row.attempt - (await attemptsBefore(change, row.id));
  if (made >= policy.maxAttempts) return null;
  const at = change.at + Math.round(1000 * backoffSeconds(policy, made));
  const reason = `${retryWords}${new Date(at).toISOString().slice(11, 19)} UTC (attempt ${made + 1} of ${policy.maxAttempts})`;
  return { at, reason, resumeFrom: (await parts.latestCheckpoint?.(toExperiment(row))) ?? null };
}

/** After `made` attempts. */
export function backoffSeconds(
  { backoffSeconds: first, factor, maxBackoffSeconds }: RetryPolicy,
  made: number,
): number {
  return Math.min(maxBackoffSeconds, first * factor ** (made - 1));
}

/** An exit code of 0 failed by its checks; without a code nobody saw it end. */
function causeOf({ status, exitCode }: Outcome): RetryPolicy["on"][number] | null {
  if (status === "pass") return null;
  if (exitCode === null) return "lost";
  return exitCode === 0 ? "qc" : "fail";
}

async function policyOf({ store, templates }: RetryParts, id: string): Promise<RetryPolicy | undefined> {
  const source = await configSource(store, id);
  try {
    return source === undefined ? undefined : runConfig(source, templates.list()).retry;
  } catch {
    // A config that can't be read any more asks for nothing.
    return undefined;
  }
}

/** How many attempts there were when somebody last queued it, or it was given back: a restart counts anew. */
async function attemptsBefore({ tx }: Change, id: string): Promise<number> {
  const row = await tx
    .selectFrom("experiment_statuses")
    .select(({ fn }) => fn.max("attempt").as("attempt"))
    .where("experiment_id", "=", id)
    .where("status", "in", ["queued", "blocked"])
    .where(({ or, eb }) => or([eb("reason", "is", null), eb("reason", "not like", `${retryWords}%`)]))
    .executeTakeFirst();
  return row?.attempt ?? 0;
}
