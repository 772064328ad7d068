import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LogSource } from "../capture/block-query.js";
import { readFrame, readFrom, readLastOfLevel } from "../capture/log-reader.js";
import { runFiles } from "../executors/executor.js";
import { runDirectory } from "../runs/run-directory.js";
import type { LabStore } from "../store/store.js";
import { needRow } from "./experiment-rows.js";
import type { LogsService } from "./service.js";

const maxLines = 5000;

export interface LogsParts {
  readonly store: LabStore;
  readonly dataDir: string;
}

/** Logs of the current attempt of an experiment, read from the run's own file by its block index. */
export function createLogs({ store, dataDir }: LogsParts): LogsService {
  /** Where the output is and how far it is indexed; nothing is there before the first start. */
  const sourceOf = async (ref: string): Promise<LogSource & { readonly ended: boolean }> => {
    const { id, attempt, status } = await needRow(store.db, ref);
    const run = await store.db
      .selectFrom("runs")
      .select(["dir", "off", "seq", "state"])
      .where("experiment_id", "=", id)
      .where("attempt", "=", attempt)
      .executeTakeFirst();
    return {
      experimentId: id,
      attempt,
      file: join(run?.dir ?? runDirectory(dataDir, id, attempt), runFiles.out),
      off: run?.off ?? 0,
      seq: run?.seq ?? 0,
      ended: status === "pass" || status === "fail",
    };
  };
  const atMost = (limit: number) => Math.max(0, Math.min(limit, maxLines));

  return {
    async tail(ref, { limit, level }) {
      const source = await sourceOf(ref);
      if (level !== undefined) return readLastOfLevel(store, source, level, atMost(limit));
      return readFrom(store, source, Math.max(0, source.seq - atMost(limit)), atMost(limit));
    },

    async since(ref, { after, limit, upTo }) {
      const source = await sourceOf(ref);
      const from = Math.max(0, after + 1);
      const end = upTo === undefined ? source.seq : Math.min(source.seq, upTo + 1);
      const rows = await readFrom(store, source, from, Math.min(atMost(limit), Math.max(0, end - from)));
      const next = rows.at(-1)?.seq ?? Math.max(after, -1);
      return { rows, next, more: next + 1 < end };
    },

    async before(ref, { before, limit }) {
      const source = await sourceOf(ref);
      const end = Math.max(0, Math.min(before, source.seq));
      const from = Math.max(0, end - atMost(limit));
      return readFrom(store, source, from, end - from);
    },

    head: async (ref) => (await sourceOf(ref)).seq,

    async frame(ref, offset) {
      const source = await sourceOf(ref);
      const lines = await readFrame(store, source, Math.max(0, offset));
      const next = lines.at(-1)?.end ?? offset;
      return { lines: lines.map(({ entry }) => entry), next, ended: source.ended && next >= source.off };
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
