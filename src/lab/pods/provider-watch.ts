import type { ProviderState, SeenPod } from "../../contract/provider.js";
import type { Clock } from "../../core/clock.js";
import { toFailure } from "../../core/failure.js";
import { type Interest, paceOf, watchedMs } from "./pace.js";
import type { PodRow } from "./pod-row.js";
import { readSpec } from "./pod-spec.js";
import type { PodHosts, PodRuns } from "./ports.js";
import type { Provider } from "./provider.js";
import { isDown, linkAfterFailure, linkAfterSuccess, noLink, retryMs, stateOf } from "./provider-link.js";
import { type Look, type Recorded, type RecordParts, recordLook } from "./record.js";
import type { SystemLines } from "./system-lines.js";

export interface WatchParts extends RecordParts {
  readonly clock: Clock;
  readonly runs: PodRuns;
  readonly hosts: PodHosts;
  readonly systemLines: SystemLines;
  /** Who looks, beside what the pods themselves are about. */
  readonly interest: () => Pick<Interest, "isWatched" | "isChanging">;
  /** Told after each look; answers when it wants the next one at the latest (ms; Infinity: whenever). */
  /** Aborts when the lab ends. */
  readonly signal: AbortSignal;
  readonly heed: (provider: Provider, rows: readonly PodRow[]) => Promise<number>;
  readonly log: (line: string) => void;
}

export interface ProviderWatch {
  readonly provider: Provider;
  /** Looks once; answers how long to rest. Never rejects for what the provider does: `state` says it. */
  look(): Promise<number>;
  /** What somebody learnt of one pod by asking for it alone; null: it is gone. */
  note(providerId: string, seen: SeenPod | null): Promise<void>;
  state(): ProviderState;
}

/** Pods missing from a list that are asked for one by one, in one look. */
const mostMissing = 20;

/** Looks at one provider and keeps its pods' rows, sessions and runs as it tells. */
export function watchProvider(parts: WatchParts, provider: Provider): ProviderWatch {
  const { store, clock, systemLines, signal, log } = parts;
  let link = noLink;
  let everyMs = watchedMs;
  /** Turns, since two things may happen in one millisecond. By provider id: a list that was asked for before says nothing of it. */
  let turn = 0;
  const notedAt = new Map<string, number>();

  const record = async (look: Omit<Look, "everyMs">) => {
    const recorded = await recordLook(parts, provider, { ...look, everyMs });
    systemLines.follow(provider, recorded.rows);
    await settle(parts, recorded);
    return recorded.rows;
  };

  const failed = async (error: unknown) => {
    const wasDown = isDown(link);
    link = linkAfterFailure(link, toFailure(error), clock.now());
    if (!isDown(link) || wasDown) return;
    const { reason } = stateOf(provider, link);
    log(`pods: ${reason ?? ""}`);
    await tell("pod.providerDown", { reason });
  };
  const succeeded = async () => {
    const [wasDown, isFirst] = [isDown(link), link.okAt === null];
    link = linkAfterSuccess(clock.now());
    if (!wasDown) {
      // Who watches providers waits for the first answer.
      if (isFirst) await touched();
      return;
    }
    log(`pods: ${provider.label} answers again`);
    await tell("pod.providerUp", {});
  };
  const touched = () =>
    store.change(({ touch }) => {
      touch("pods");
      return Promise.resolve();
    });
  const tell = (topic: string, payload: Readonly<Record<string, unknown>>) =>
    store.change(({ event }) => {
      event(topic, provider.name, { label: provider.label, ...payload });
      return Promise.resolve();
    });

  return {
    provider,
    state: () => stateOf(provider, link),

    async look() {
      const askedAt = clock.now();
      const asked = ++turn;
      let listed: readonly SeenPod[];
      let missing: Awaited<ReturnType<typeof missingOf>>;
      try {
        listed = await provider.list(signal);
        missing = await missingOf(parts, provider, listed, askedAt);
      } catch (error) {
        if (signal.aborted) return Infinity;
        await failed(error);
        return retryMs(link, provider.paceMs(watchedMs));
      }
      await succeeded();
      const isFresh = ({ providerId }: SeenPod) => (notedAt.get(providerId) ?? 0) < asked;
      const seen = [...listed, ...missing.found].filter(isFresh);
      const rows = await record({ at: clock.now(), seen, complete: true, gone: missing.gone });
      for (const [id, at] of notedAt) if (at < asked) notedAt.delete(id);
      const wantedAt = await parts.heed(provider, rows);
      const running = rows.filter(({ status }) => status === "running").length;
      const { isWatched, isChanging } = parts.interest();
      const isComing = rows.some(({ status }) => status === "creating");
      everyMs = provider.paceMs(paceOf({ isWatched, isChanging: isChanging || isComing, running }));
      return Math.min(everyMs, Math.max(provider.paceMs(0), wantedAt - clock.now()));
    },

    async note(providerId, seen) {
      const at = clock.now();
      notedAt.set(providerId, ++turn);
      await record({ at, seen: seen === null ? [] : [seen], complete: false, gone: seen === null ? [providerId] : [] });
    },
  };
}

/** Known pods that a whole list does not have: asked for one by one, since only a 404 says that a pod is gone. */
async function missingOf(
  { store, signal }: WatchParts,
  provider: Provider,
  listed: readonly SeenPod[],
  askedAt: number,
) {
  const rows = await store.db
    .selectFrom("pods")
    .select("provider_id")
    .where("provider", "=", provider.name)
    .where("status", "<>", "terminated")
    .where("created_at", "<", askedAt)
    .execute();
  const ids = new Set(listed.map(({ providerId }) => providerId));
  const missing = rows.flatMap(({ provider_id: id }) => (id === null || ids.has(id) ? [] : [id]));
  const answers = await Promise.all(
    missing.slice(0, mostMissing).map(async (id) => ({ id, seen: await provider.get(id, signal) })),
  );
  return {
    found: answers.flatMap(({ seen }) => (seen === null ? [] : [seen])),
    gone: answers.filter(({ seen }) => seen === null).map(({ id }) => id),
  };
}

/** Sessions to where experiments may run; an end for the runs of what was switched off. */
async function settle({ hosts, runs, telemetry }: WatchParts, { rows, moved, left }: Recorded): Promise<void> {
  for (const row of moved) hosts.forgetKey(row.id);
  for (const row of rows) keepSession(hosts, row);
  for (const { row, reason } of left) {
    await runs.forsake(row.id, reason);
    if (row.status === "terminated") telemetry.forget(row.id);
  }
}

/** Nobody logs in to a pod of somebody else's that takes no work. */
export function keepSession(hosts: PodHosts, row: PodRow): void {
  const { ssh, identityFile } = readSpec(row.spec);
  const isOurs = row.created_by_lab === 1 || row.accepts_work === 1;
  if (row.status === "running" && ssh !== null && isOurs) {
    hosts.connect(row.id, { ...ssh, name: row.name, identityFile });
  } else if (row.provider !== "local") {
    hosts.drop(row.id);
  }
}
