import { normalize, posix } from "node:path";
import type { ExperimentConfig } from "../../contract/experiment.js";
import { LinkError } from "../hosts/ssh-connection.js";
import { whileReachable } from "../hosts/ssh-session.js";
import { type ConfigSource, runConfig } from "../services/experiment-config.js";
import { diskReason } from "./disk-reason.js";
import { type Fetched, type FetchSource, fetchFiles, readLeft } from "./fetch-files.js";
import { localName } from "./output-name.js";
import type { RunParts } from "./parts.js";

const defaultMaxBytes = 5 * 1024 ** 3;
/** A fetch that somebody asked for does not wait for a lost link longer than this. */
const askedPatienceMs = 30_000;

export interface RemoteRun {
  readonly experimentId: string;
  readonly attempt: number;
  readonly podId: string;
  readonly dir: string;
  readonly remoteDir: string;
  readonly config: ExperimentConfig;
}

export interface Outputs {
  /** After a run ended. Waits for the link as long as it takes; rejects with LinkError when `signal` aborts. */
  bringHome(run: RemoteRun, signal: AbortSignal): Promise<Fetched>;
  /** What is on the pod now, of ended and of running experiments, whatever its size. Never rejects: what stays there has its reason. */
  fetch(podId: string): Promise<{ readonly left: readonly string[]; readonly reason: string | null }>;
  /** The same of one attempt: paths that stayed there. */
  fetchOne(
    experimentId: string,
    attempt: number,
  ): Promise<{ readonly left: readonly string[]; readonly reason: string | null }>;
  /** Display ids of experiments whose outputs are only on the pod, or not completely here. */
  unsynced(podId: string): Promise<readonly string[]>;
}

/** What is fetched: `work/`, and the named outputs of a run that worked or wrote elsewhere. */
export function sourcesOf({ remoteDir, config }: Pick<RemoteRun, "remoteDir" | "config">): FetchSource[] {
  const work = `${remoteDir}/work`;
  const cwd = config.cwd ?? work;
  const named = [...(config.outputs ?? []), ...(config.cwd === undefined ? [] : ["metrics.json"])];
  const elsewhere = named.filter((output) => config.cwd !== undefined || localName(output) !== normalize(output));
  return [
    { path: work, name: "." },
    ...elsewhere.map((output) => ({ path: posix.resolve(cwd, output), name: localName(output) })),
  ];
}

export function createOutputs(parts: RunParts): Outputs {
  const { store, hosts, clock } = parts;
  /** One fetch at a time for each run: the second finds what the first brought. */
  const turns = new Map<string, Promise<unknown>>();

  const inTurn = async <T>(dir: string, work: () => Promise<T>): Promise<T> => {
    const before = turns.get(dir) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    turns.set(dir, mine);
    try {
      return await mine;
    } finally {
      if (turns.get(dir) === mine) turns.delete(dir);
    }
  };

  const fetchRun = (run: RemoteRun, { maxBytes, signal }: { maxBytes: number; signal: AbortSignal }) =>
    inTurn(run.dir, async () => {
      const session = hosts?.session(run.podId) ?? null;
      if (session === null) throw new LinkError({ code: "unreachable", message: "its pod is not connected" });
      const clockSkewMs = hosts?.state(run.podId)?.clockSkewMs ?? 0;
      return await fetchFiles({ session, sources: sourcesOf(run), dir: run.dir, maxBytes, clockSkewMs, signal });
    });

  const fetchPatiently = async (run: RemoteRun) => {
    const session = hosts?.session(run.podId) ?? null;
    const patience = session === null ? null : whileReachable(session, askedPatienceMs);
    try {
      return await fetchRun(run, { maxBytes: Infinity, signal: patience?.signal ?? AbortSignal.abort() });
    } finally {
      patience?.end();
    }
  };

  const noteHome = (run: RemoteRun) =>
    store.change(({ tx }) =>
      tx
        .updateTable("runs")
        .set({ outputs_home_at: clock.now() })
        .where("experiment_id", "=", run.experimentId)
        .where("attempt", "=", run.attempt)
        .execute(),
    );

  return {
    async bringHome(run, signal) {
      const fetched = await fetchRun(run, { maxBytes: run.config.outputsMaxBytes ?? defaultMaxBytes, signal });
      if (fetched.left.length === 0 && fetched.isSteady) await noteHome(run);
      return fetched;
    },

    async fetch(podId) {
      const left: string[] = [];
      let reason: string | null = null;
      for (const { run, displayId, hasEnded } of await awayRuns(parts, { podId })) {
        try {
          const fetched = await fetchPatiently(run);
          if (hasEnded && fetched.isSteady) await noteHome(run);
          else if (!fetched.isSteady) {
            left.push(displayId);
            reason = "its files keep changing";
          }
        } catch (error) {
          left.push(displayId);
          reason = diskReason(error);
        }
      }
      return { left, reason };
    },

    async fetchOne(experimentId, attempt) {
      const [away] = await awayRuns(parts, { experimentId, attempt });
      if (away === undefined) return { left: [], reason: null };
      try {
        const { left, isSteady } = await fetchPatiently(away.run);
        if (away.hasEnded && isSteady) await noteHome(away.run);
        return { left: left.map(({ name }) => name), reason: isSteady ? null : "its files keep changing" };
      } catch (error) {
        const left = await readLeft(away.run.dir);
        return { left: left.map(({ name }) => name), reason: diskReason(error) };
      }
    },

    async unsynced(podId) {
      const rows = await awayRows(parts, { podId });
      return [...new Set(rows.map(({ display_id }) => display_id))];
    },
  };
}

type Away = { readonly podId: string } | { readonly experimentId: string; readonly attempt: number };

function awayRows({ store }: RunParts, wanted: Away) {
  const rows = store.db
    .selectFrom("runs")
    .innerJoin("experiments", "experiments.id", "runs.experiment_id")
    .leftJoin("template_versions", "template_versions.id", "experiments.template_version")
    .select([
      "runs.experiment_id",
      "runs.attempt",
      "runs.pod_id",
      "runs.dir",
      "runs.remote_dir",
      "runs.state",
      "experiments.display_id",
      "experiments.config",
      "experiments.template",
      "template_versions.content as template_content",
    ])
    .where("runs.remote_dir", "is not", null)
    .where("runs.outputs_home_at", "is", null)
    .orderBy("experiments.n");
  if ("podId" in wanted) return rows.where("runs.pod_id", "=", wanted.podId).execute();
  const { experimentId, attempt } = wanted;
  return rows.where("runs.experiment_id", "=", experimentId).where("runs.attempt", "=", attempt).execute();
}

async function awayRuns(parts: RunParts, wanted: Away) {
  const rows = await awayRows(parts, wanted);
  return rows.map((row) => {
    const run: RemoteRun = {
      experimentId: row.experiment_id,
      attempt: row.attempt,
      podId: row.pod_id ?? "",
      dir: row.dir,
      remoteDir: row.remote_dir ?? "",
      config: configOf(parts, row),
    };
    return { run, displayId: row.display_id, hasEnded: row.state === "ended" };
  });
}

function configOf({ templates }: RunParts, row: ConfigSource): ExperimentConfig {
  try {
    return runConfig(row, templates);
  } catch {
    return {};
  }
}
