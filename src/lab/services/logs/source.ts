import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { LogEntry } from "../../../contract/log-entry.js";
import { grouped } from "../../../core/grouped.js";
import type { LogSource } from "../../capture/block-query.js";
import { runFiles } from "../../executors/executor.js";
import { LabError } from "../../lab-error.js";
import { shortBytes } from "../../runs/disk-reason.js";
import { runDirectory } from "../../runs/run-directory.js";
import type { LabStore } from "../../store/store.js";
import { needRow } from "../experiment-rows.js";

export interface LogsParts {
  readonly store: LabStore;
  readonly dataDir: string;
}

/** Output of one attempt, and what is known of it. */
export interface AttemptLog extends LogSource {
  readonly displayId: string;
  /** Nothing will follow. */
  readonly ended: boolean;
  /** When retention took it; null: it is there. */
  readonly removedAt: number | null;
}

/** Where the output of an attempt is (the last without a number) and how far it is indexed; before the first start it is empty. */
export async function findLog({ store, dataDir }: LogsParts, ref: string, wanted?: number): Promise<AttemptLog> {
  const { id, attempt: last, status, display_id: displayId } = await needRow(store.db, ref);
  const attempt = wanted ?? last;
  const run = await store.db
    .selectFrom("runs")
    .select(["dir", "off", "seq", "carry", "log_removed_at"])
    .where("experiment_id", "=", id)
    .where("attempt", "=", attempt)
    .executeTakeFirst();
  if (run === undefined && attempt !== last) throw noAttempt(displayId, attempt, last);
  const {
    dir,
    off,
    seq,
    carry,
    log_removed_at: removedAt,
  } = run ?? { ...nothingYet, dir: runDirectory(dataDir, id, attempt) };
  const ended = attempt < last || status === "pass" || status === "fail";
  return { experimentId: id, displayId, attempt, file: join(dir, runFiles.out), off, seq, carry, ended, removedAt };
}

const nothingYet = { off: 0, seq: 0, carry: null, log_removed_at: null };

function noAttempt(displayId: string, attempt: number, last: number): LabError {
  const known = last === 0 ? "it has not started yet" : `allowed are 1 to ${last}`;
  return new LabError("validation_error", `attempt: ${displayId} has no attempt ${attempt}; ${known}`);
}

/** What a reader sees in the place of a log that has gone: one line that says so, under the number of its last. */
export function noticeOf(log: AttemptLog, nowMs: number): LogEntry {
  const { experimentId, attempt, removedAt, off } = log;
  const seq = Math.max(0, log.seq - 1);
  const at = removedAt ?? nowMs;
  const when =
    removedAt === null
      ? "The output file is gone"
      : `Removed on ${new Date(at).toISOString().slice(0, 10)} by retention`;
  const message = `${when}; it was ${grouped(log.seq)} ${log.seq === 1 ? "line" : "lines"} (${shortBytes(off)})`;
  return {
    _id: `${experimentId}:${attempt}:${seq}`,
    _creationTime: at,
    experimentId,
    seq,
    level: "info",
    message,
    timestamp: at,
  };
}

/** Reads, or tells why there is nothing to read any more. */
export async function readOrTell(
  log: AttemptLog,
  nowMs: number,
  read: () => Promise<readonly LogEntry[]>,
): Promise<readonly LogEntry[]> {
  if (log.removedAt !== null) return [noticeOf(log, nowMs)];
  const rows = await read();
  return rows.length === 0 && (await isGone(log)) ? [noticeOf(log, nowMs)] : rows;
}

/** Somebody deleted the output of a run that had written some. */
export async function isGone(log: AttemptLog): Promise<boolean> {
  return log.ended && log.seq > 0 && (await stat(log.file).catch(() => null)) === null;
}
