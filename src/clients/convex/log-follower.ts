import { z } from "zod";
import type { LogEvent, Sink, Unsubscribe } from "../../contract/connection.js";
import { LogEntry, LogPage } from "../../contract/log-entry.js";
import { toFailure } from "../../core/failure.js";
import type { ConvexConnection } from "./convex-connection.js";

/** Rows of the subscription: enough for a screen, and sent again as a whole at every update. */
const windowRows = 100;
/** Rows of one page when a gap is filled. */
const fillRows = 5000;
/** What a server without `since` still gives at once. */
const widestListRows = 1000;

type Reader = Pick<ConvexConnection, "watch" | "query">;

/**
 * Every line of an experiment's log, once and in order: the last `backlog` lines, then whatever comes, also over a lost line.
 *
 * Subscribed is only the short end of the log; what lies between the last line seen and its first row is fetched. While that runs only
 * the newest end is kept. Lines nobody has any more come as a `gap`.
 */
export function followLog(
  reader: Reader,
  { experimentId, backlog }: { experimentId: string; backlog: number },
  sink: Sink<LogEvent>,
): Unsubscribe {
  const follower = new LogFollower(reader, { experimentId, backlog }, sink);
  const unsubscribe = reader.watch(
    { path: "experimentLogs:list", args: { experimentId, limit: windowRows }, schema: z.array(LogEntry) },
    {
      next: (rows) => void follower.take(rows).catch((error: unknown) => sink.fail(toFailure(error))),
      fail: (failure) => sink.fail(failure),
    },
  );
  return () => {
    follower.stop();
    unsubscribe();
  };
}

/** The attempt an `_id` of the form `<experimentId>:<attempt>:<seq>` tells; null for ids of another form. */
export function attemptOf(row: Pick<LogEntry, "_id" | "seq">): number | null {
  const match = /:(\d+):(\d+)$/.exec(row._id);
  return match !== null && Number(match[2]) === row.seq ? Number(match[1]) : null;
}

class LogFollower {
  /** Null until the first rows. */
  private attempt: number | null = null;
  private hasBegun = false;
  private lastSeq = -1;
  private isBusy = false;
  private isStopped = false;
  private newest: readonly LogEntry[] | null = null;
  private readonly reader: Reader;
  private readonly experimentId: string;
  private readonly backlog: number;
  private readonly sink: Sink<LogEvent>;

  constructor(
    reader: Reader,
    { experimentId, backlog }: { experimentId: string; backlog: number },
    sink: Sink<LogEvent>,
  ) {
    this.reader = reader;
    this.experimentId = experimentId;
    this.backlog = backlog;
    this.sink = sink;
  }

  stop(): void {
    this.isStopped = true;
  }

  /** The end of the log as it is now. Rejects only with what the sink throws. */
  async take(rows: readonly LogEntry[]): Promise<void> {
    this.newest = rows;
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      for (let end = this.takeNewest(); end !== null; end = this.takeNewest()) await this.catchUp(end);
    } finally {
      this.isBusy = false;
    }
  }

  /** Asked after every wait. */
  private hasEnded(): boolean {
    return this.isStopped;
  }

  private takeNewest(): readonly LogEntry[] | null {
    const { newest } = this;
    this.newest = null;
    return this.isStopped ? null : newest;
  }

  private async catchUp(rows: readonly LogEntry[]): Promise<void> {
    const sorted = ofLastAttempt(rows);
    const [first, last] = [sorted[0], sorted.at(-1)];
    if (first === undefined || last === undefined) return;
    if (!this.noteAttempt(last)) return;
    const missing = first.seq - 1;
    if (missing > this.lastSeq) await this.fill(missing);
    if (this.hasEnded()) return;
    if (missing > this.lastSeq) this.emitGap(missing);
    this.emitLines(sorted);
  }

  /** False for rows of an attempt that is over: a late answer. */
  private noteAttempt(last: LogEntry): boolean {
    const attempt = attemptOf(last);
    if (!this.hasBegun) {
      this.hasBegun = true;
      this.attempt = attempt;
      this.lastSeq = Math.max(-1, last.seq - this.backlog);
      return true;
    }
    // Without attempts in the ids, a log that has become shorter has begun anew.
    const isNew = attempt === null || this.attempt === null ? last.seq < this.lastSeq : attempt !== this.attempt;
    if (!isNew) return true;
    if (attempt !== null && this.attempt !== null && attempt < this.attempt) return false;
    this.attempt = attempt;
    this.lastSeq = -1;
    this.sink.next({ type: "restarted", attempt: attempt ?? 0 });
    return true;
  }

  /** Fetches what follows the last line seen, up to `toSeq` at least. What can't be had stays missing. */
  private async fill(toSeq: number): Promise<void> {
    while (this.lastSeq < toSeq) {
      const rows = await this.after(this.lastSeq);
      if (this.hasEnded()) return;
      const ours = rows.filter((row) => attemptOf(row) === this.attempt && row.seq > this.lastSeq);
      const [first] = ours;
      if (first === undefined || first.seq > toSeq) return;
      if (first.seq > this.lastSeq + 1) this.emitGap(first.seq - 1);
      this.emitLines(ours);
    }
  }

  private async after(seq: number): Promise<readonly LogEntry[]> {
    const { experimentId } = this;
    try {
      const args = { experimentId, after: seq, limit: fillRows };
      return (await this.reader.query({ path: "experimentLogs:since", args, schema: LogPage })).rows;
    } catch (error) {
      const failure = toFailure(error);
      if (failure.kind !== "unsupported") this.sink.fail(failure);
    }
    try {
      const args = { experimentId, limit: widestListRows };
      return await this.reader.query({ path: "experimentLogs:list", args, schema: z.array(LogEntry) });
    } catch (error) {
      this.sink.fail(toFailure(error));
      return [];
    }
  }

  private emitLines(rows: readonly LogEntry[]): void {
    const lines = rows.filter(({ seq }) => seq > this.lastSeq);
    const last = lines.at(-1);
    if (last === undefined) return;
    this.lastSeq = last.seq;
    this.sink.next({ type: "lines", lines });
  }

  private emitGap(toSeq: number): void {
    this.sink.next({ type: "gap", fromSeq: this.lastSeq + 1, toSeq });
    this.lastSeq = toSeq;
  }
}

/** Ascending, and of one attempt only: that of the newest row. */
function ofLastAttempt(rows: readonly LogEntry[]): readonly LogEntry[] {
  const attempt = rows.reduce<number | null>((highest, row) => {
    const own = attemptOf(row);
    return own === null || (highest !== null && highest >= own) ? highest : own;
  }, null);
  return rows.filter((row) => attemptOf(row) === attempt).sort((a, b) => a.seq - b.seq);
}
