import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LogEntry, LogLevel } from "../../contract/log-entry.js";
import { readFrame, readFrom } from "../capture/log-reader.js";
import { searchLines } from "../capture/log-search.js";
import { runFiles } from "../executors/executor.js";
import { LabError } from "../lab-error.js";
import { queryLog } from "./logs/query.js";
import { type AttemptLog, findLog, isGone, type LogsParts, noticeOf, readOrTell } from "./logs/source.js";
import type { LogsService } from "./service.js";

const maxLines = 5000;
/** Of so many lines of level error the last is looked for that says what happened: behind it may be frames of a stack. */
const errorsLookedAt = 100;
const says = /^\S*\s*[\w.$]*(?:Error|Exception|Interrupt|Exit|Warning)\b/;

/** Logs of an experiment, read from the run's own file by its block index: of its last attempt, unless one is named. */
export function createLogs(parts: LogsParts & { readonly now?: () => number }): LogsService {
  const { store, dataDir, now = Date.now } = parts;
  const find = (ref: string, attempt?: number) => findLog(parts, ref, attempt);
  const atMost = (limit: number) => Math.max(0, Math.min(limit, maxLines));

  const lastOfLevel = async (log: AttemptLog, level: LogLevel, limit: number): Promise<readonly LogEntry[]> => {
    const range = { direction: "back", seq: log.seq, from: 0, to: log.off } as const;
    return (await searchLines(store, log, { ...range, levels: new Set([level]), filter: null, limit })).rows;
  };

  return {
    async tail(ref, { limit, level }) {
      const log = await find(ref);
      const most = atMost(limit);
      return readOrTell(log, now(), () =>
        level === undefined ? readFrom(store, log, Math.max(0, log.seq - most), most) : lastOfLevel(log, level, most),
      );
    },

    async since(ref, { after, limit, upTo }) {
      const log = await find(ref);
      const from = Math.max(0, after + 1);
      const end = upTo === undefined ? log.seq : Math.min(log.seq, upTo + 1);
      const read = () => readFrom(store, log, from, Math.min(atMost(limit), Math.max(0, end - from)));
      const rows = from >= end ? [] : await readOrTell(log, now(), read);
      const next = rows.at(-1)?.seq ?? Math.max(after, -1);
      return { rows: [...rows], next, more: next + 1 < end };
    },

    async before(ref, { before, limit }) {
      const log = await find(ref);
      const end = Math.max(0, Math.min(before, log.seq));
      const from = Math.max(0, end - atMost(limit));
      return from >= end ? [] : readOrTell(log, now(), () => readFrom(store, log, from, end - from));
    },

    query: (ref, wanted, bounds) => queryLog({ store, dataDir, nowMs: now() }, ref, wanted, bounds),

    head: async (ref) => (await find(ref)).seq,

    async frame(ref, offset) {
      const log = await find(ref);
      if (offset < log.off && (log.removedAt !== null || (await isGone(log)))) {
        return { lines: [noticeOf(log, now())], next: log.off, ended: log.ended };
      }
      const lines = await readFrame(store, log, Math.max(0, offset));
      const next = lines.at(-1)?.end ?? offset;
      return { lines: lines.map(({ entry }) => entry), next, ended: log.ended && next >= log.off };
    },

    async lastError(ref) {
      const log = await find(ref);
      const rows = await lastOfLevel(log, "error", errorsLookedAt);
      const last = rows.at(-1);
      if (last?.group === undefined) return last;
      const ofLast = rows.filter(({ seq, group }) => seq === last.group || group === last.group);
      return ofLast.findLast(({ message }) => says.test(message)) ?? ofLast[0];
    },

    async file(ref, attempt) {
      const log = await find(ref, attempt);
      const { displayId, file: path } = log;
      const info = log.removedAt === null ? await stat(path).catch(() => null) : null;
      if (info === null && log.seq > 0) throw new LabError("not_found", `log: ${noticeOf(log, now()).message}`);
      if (info === null) throw new LabError("not_found", `log: ${displayId} has not written any output yet`);
      return { path, bytes: info.size, name: `${displayId}-${log.attempt}.log` };
    },

    async remove(experimentId) {
      const attempts = await listAttempts(join(dataDir, "runs", experimentId));
      await Promise.all(attempts.map((dir) => rm(join(dir, runFiles.out), { force: true })));
    },
  };
}

async function listAttempts(dir: string): Promise<string[]> {
  if ((await stat(dir).catch(() => null)) === null) return [];
  return (await readdir(dir)).map((name) => join(dir, name));
}
