import type { LabSettings } from "../../contract/settings.js";

const dayMs = 86_400_000;
const gbBytes = 1e9;
/** Who comes back to a run that has just ended finds its log, whatever the limits. */
export const graceMs = 3_600_000;

/** What a lab keeps of its logs. */
export interface RetentionRule {
  /** Logs of attempts that ended before this go; null: none by age. */
  readonly endedBefore: number | null;
  /** All logs together may have so many bytes; null: any. */
  readonly maxBytes: number | null;
}

export function ruleOf(
  { logRetentionDays, logRetentionGb }: Pick<LabSettings, "logRetentionDays" | "logRetentionGb">,
  nowMs: number,
): RetentionRule {
  return {
    endedBefore: logRetentionDays === null ? null : nowMs - logRetentionDays * dayMs,
    maxBytes: logRetentionGb === null ? null : logRetentionGb * gbBytes,
  };
}

/** The log of a finished attempt. */
export interface FinishedLog {
  readonly endedAt: number;
  readonly bytes: number;
  /** Its outputs are here: what is only on a pod is not judged yet. */
  readonly isHome: boolean;
}

/** What of the newer logs stays, so far; and whether the limit was passed, so that everything older goes. */
export interface Kept {
  readonly bytes: number;
  readonly isFull: boolean;
}

/** Which logs go, told newest first, page after page: the newest that fit stay, and with them what may not go. */
export function planRemovals<Log extends FinishedLog>(
  rule: RetentionRule,
  kept: Kept,
  newestFirst: readonly Log[],
  nowMs: number,
): { readonly removed: readonly Log[]; readonly kept: Kept } {
  const removed: Log[] = [];
  let { bytes, isFull } = kept;
  for (const log of newestFirst) {
    const isOver = rule.maxBytes !== null && (isFull || bytes + log.bytes > rule.maxBytes);
    const isOld = rule.endedBefore !== null && log.endedAt < rule.endedBefore;
    isFull ||= isOver;
    if (log.isHome && log.endedAt <= nowMs - graceMs && (isOld || isOver)) removed.push(log);
    else bytes += log.bytes;
  }
  return { removed, kept: { bytes, isFull } };
}
