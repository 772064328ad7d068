import type { Job, PlanRules } from "./fit.js";

/** What starts in this plan, by queue, on top of what runs. */
export interface Starts {
  running(queue: string): number;
  note(job: Pick<Job, "queue">): void;
}

export function startsOf({ queues }: PlanRules): Starts {
  const begun = new Map<string, number>();
  return {
    running: (queue) => (queues.get(queue)?.running ?? 0) + (begun.get(queue) ?? 0),
    note: ({ queue }) => void begun.set(queue, (begun.get(queue) ?? 0) + 1),
  };
}

/** How the reason of a retry begins, which tells more than the plan knows. */
const retryWords = "retries at ";

/** Why a job is not even looked for a place; null: it is. What somebody put on a place waits for its queue all the same. */
export function heldBack(job: Job, rules: PlanRules, starts: Starts): string | null {
  const paused = rules.paused(job);
  if (paused !== null) return paused;
  const queue = rules.queues.get(job.queue);
  if (queue?.isPaused === true) return `queue ${queue.name} is paused`;
  if (job.notBeforeAt !== null && job.notBeforeAt > rules.now) return retryReason(job.notBeforeAt, job.statusReason);
  if (queue === undefined || queue.concurrency === null || starts.running(job.queue) < queue.concurrency) return null;
  return `queue ${queue.name} runs ${queue.concurrency} at most`;
}

function retryReason(at: number, told: string | null): string {
  const reason = `${retryWords}${new Date(at).toISOString().slice(11, 19)} UTC`;
  return told?.startsWith(reason) === true ? told : reason;
}
