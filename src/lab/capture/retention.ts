import { setImmediate as breathe } from "node:timers/promises";
import type { Clock } from "../../core/clock.js";
import { shortBytes } from "../runs/disk-reason.js";
import type { SettingsService } from "../services/service.js";
import type { LabStore } from "../store/store.js";
import { type LogOfRun, removeLog } from "./remove-log.js";
import { type FinishedLog, type Kept, planRemovals, type RetentionRule, ruleOf } from "./retention-plan.js";

const pageRows = 500;
const firstAfterMs = 60_000;
const everyMs = 3_600_000;

export interface RetentionParts {
  readonly store: LabStore;
  readonly settings: Pick<SettingsService, "get">;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export interface Retention {
  /** Looks a minute later, then every hour, and when settings change. */
  start(): void;
  /** Waits for the log that is just being removed. */
  stop(): Promise<void>;
  /** One look at all labs. */
  look(): Promise<void>;
}

/** Removes logs of finished attempts by age and size, oldest first as each lab's settings say; never one that still grows. */
export function createRetention(parts: RetentionParts): Retention {
  const { store, log } = parts;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | null = null;
  let forget = () => undefined as unknown;

  const lookAtAll = async () => {
    const labs = await store.db.selectFrom("labs").select("id").execute();
    for (const { id } of labs) await lookAt(parts, id, stopping.signal);
  };
  const look = (): Promise<void> => {
    looking ??= lookAtAll()
      .catch((error: unknown) => log(`retention of logs: ${String(error)}; trying again later`))
      .finally(() => {
        looking = null;
      });
    return looking;
  };
  const plan = (afterMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void look().then(() => !stopping.signal.aborted && plan(everyMs)), afterMs);
    timer.unref();
  };

  return {
    look,
    start() {
      forget = store.onChange((topics) => {
        if (topics.has("settings")) plan(1000);
      });
      plan(firstAfterMs);
    },
    async stop() {
      stopping.abort();
      forget();
      clearTimeout(timer);
      await looking;
    },
  };
}

type Row = FinishedLog & LogOfRun;

async function lookAt(parts: RetentionParts, labId: string, signal: AbortSignal): Promise<void> {
  const { store, settings, clock, log } = parts;
  const now = clock.now();
  const rule = ruleOf(await settings.get(labId), now);
  if (rule.endedBefore === null && rule.maxBytes === null) return;
  let kept: Kept = { bytes: await growingBytes(store, labId), isFull: false };
  const removed: Row[] = [];
  for (let last = firstPlace(rule, now); !signal.aborted; ) {
    const page = await finishedBefore(store, labId, last);
    const planned = planRemovals(rule, kept, page, now);
    kept = planned.kept;
    removed.push(...planned.removed);
    const next = page.at(-1);
    if (next === undefined) break;
    last = next;
    await breathe();
  }
  const told = ageAndSize(rule, now);
  for (const run of removed.reverse()) {
    if (signal.aborted) return;
    await removeLog(store, run, told);
  }
  const bytes = removed.reduce((sum, run) => sum + run.bytes, 0);
  if (removed.length > 0) log(`retention: ${removed.length} logs removed (${shortBytes(bytes)}): ${told}`);
}

function ageAndSize({ endedBefore, maxBytes }: RetentionRule, now: number): string {
  const age = endedBefore === null ? [] : [`kept for ${Math.round((now - endedBefore) / 86_400_000)} days`];
  return [...age, ...(maxBytes === null ? [] : [`up to ${shortBytes(maxBytes)}`])].join(", ");
}

/** What size is counted of must all be looked at; age begins where it ends. */
const firstPlace = ({ endedBefore, maxBytes }: RetentionRule, now: number) => ({
  endedAt: maxBytes === null ? (endedBefore ?? now) : now + 1,
  experimentId: "",
  attempt: 0,
});

/** Logs of attempts that run now: they count, and stay. */
async function growingBytes({ db }: LabStore, labId: string): Promise<number> {
  const { bytes } = await db
    .selectFrom("experiments")
    .innerJoin("runs", (join) =>
      join.onRef("runs.experiment_id", "=", "experiments.id").onRef("runs.attempt", "=", "experiments.attempt"),
    )
    .select(({ fn }) => fn.sum<number | null>("runs.off").as("bytes"))
    .where("experiments.lab_id", "=", labId)
    .where("experiments.status", "=", "running")
    .where("runs.ended_at", "is", null)
    .executeTakeFirstOrThrow();
  return bytes ?? 0;
}

/** A page of the finished attempts of a lab that ended before this one, newest first. */
async function finishedBefore(
  { db }: LabStore,
  labId: string,
  last: Pick<Row, "endedAt" | "experimentId" | "attempt">,
): Promise<Row[]> {
  const rows = await db
    .selectFrom("runs")
    .innerJoin("experiments", "experiments.id", "runs.experiment_id")
    .select(["runs.ended_at", "runs.experiment_id", "runs.attempt", "runs.off", "runs.dir", "runs.remote_dir"])
    .select("runs.outputs_home_at")
    .where("runs.log_removed_at", "is", null)
    .where("runs.ended_at", "is not", null)
    .where("runs.state", "=", "ended")
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple("runs.ended_at", "runs.experiment_id", "runs.attempt"),
        "<",
        tuple(last.endedAt, last.experimentId, last.attempt),
      ),
    )
    .where("experiments.lab_id", "=", labId)
    .orderBy("runs.ended_at", "desc")
    .orderBy("runs.experiment_id", "desc")
    .orderBy("runs.attempt", "desc")
    .limit(pageRows)
    .execute();
  return rows.map((row) => ({
    experimentId: row.experiment_id,
    attempt: row.attempt,
    dir: row.dir,
    bytes: row.off,
    endedAt: row.ended_at ?? 0,
    isHome: row.remote_dir === null || row.outputs_home_at !== null,
  }));
}
