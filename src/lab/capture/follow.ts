import type { Services } from "../services/service.js";
import type { Change, LabStore } from "../store/store.js";
import { levelColumns, openColumn } from "./block-index.js";
import type { Harvest } from "./out-tail.js";

const observeGapMs = 500;

/** What the experiment's row is told about its run, at most twice a second. */
export interface Progress {
  readonly told: number;
  readonly waiting: { progress?: number; logLines?: number; metrics: Record<string, number> } | null;
}

export const noProgress: Progress = { told: -Infinity, waiting: null };

/** One run's part of a tick. */
export interface Gathered {
  readonly experimentId: string;
  readonly attempt: number;
  readonly harvest: Harvest;
  /** Already noted (`noteProgress`); told when it is due. */
  readonly progress: Progress;
  /** ms the run is at work; null when unknown. */
  readonly ageMs: number | null;
  /** The run ended: what is still to tell must be told now. */
  readonly last: boolean;
}

export function noteProgress(before: Progress, harvest: Harvest): Progress {
  if (harvest.blocks.length === 0 && harvest.points.length === 0) return before;
  const metrics = { ...before.waiting?.metrics };
  for (const point of harvest.points) metrics[point.name] = point.value;
  const progress = metrics["progress"];
  return {
    told: before.told,
    waiting: { logLines: harvest.seq, metrics, ...(progress === undefined ? {} : { progress }) },
  };
}

const isDue = ({ progress, last }: Gathered, nowMs: number) =>
  progress.waiting !== null && (last || nowMs - progress.told >= observeGapMs);

/** Whether a tick has anything to write. */
export function isWorthStoring(gathered: Gathered, nowMs: number): boolean {
  const { harvest } = gathered;
  return harvest.blocks.length > 0 || harvest.points.length > 0 || isDue(gathered, nowMs);
}

/**
 * Writes what a tick found, of all runs together, in one transaction: blocks and the position behind them, metric points,
 * and what is due of their progress. A crash repeats nothing and skips nothing. Answers the progress of each run after it.
 */
export function storeGathered(
  store: LabStore,
  services: Pick<Services, "experiments" | "metrics">,
  all: readonly Gathered[],
  nowMs: number,
): Promise<Progress[]> {
  return store.change(async (change) => {
    const after: Progress[] = [];
    for (const gathered of all) {
      await storeBlocks(change, gathered);
      const { experimentId, attempt, harvest } = gathered;
      if (harvest.points.length > 0) await services.metrics.append(experimentId, attempt, harvest.points);
      after.push(isDue(gathered, nowMs) ? await tell(services, gathered, { nowMs, at: change.at }) : gathered.progress);
    }
    return after;
  });
}

async function storeBlocks(change: Change, { experimentId, attempt, harvest }: Gathered): Promise<void> {
  if (harvest.blocks.length === 0 && harvest.reader === undefined) return;
  const key = { experiment_id: experimentId, attempt };
  if (harvest.blocks.length > 0) {
    const rows = harvest.blocks.map(({ off, seq, lines, counts, open }) => ({
      ...key,
      off,
      seq,
      lines,
      at: change.at,
      [levelColumns.debug]: counts.debug,
      [levelColumns.info]: counts.info,
      [levelColumns.warn]: counts.warn,
      [levelColumns.error]: counts.error,
      carry: openColumn(open),
    }));
    await change.tx.insertInto("blocks").values(rows).execute();
    change.touch(`logs:${experimentId}`);
  }
  await change.tx
    .updateTable("runs")
    .set({
      off: harvest.off,
      seq: harvest.seq,
      carry: openColumn(harvest.open),
      ...(harvest.reader === undefined ? {} : { reader: harvest.reader }),
    })
    .where("experiment_id", "=", experimentId)
    .where("attempt", "=", attempt)
    .execute();
}

async function tell(
  { experiments }: Pick<Services, "experiments">,
  { experimentId, attempt, progress, ageMs }: Gathered,
  time: { nowMs: number; at: number },
): Promise<Progress> {
  const waiting = progress.waiting ?? { metrics: {} };
  const etaAt = etaOf(waiting.progress, ageMs, time.at);
  await experiments.observe(experimentId, attempt, { ...waiting, ...(etaAt === null ? {} : { etaAt }) });
  return { told: time.nowMs, waiting: null };
}

/** When a run that is `progress` done after `ageMs` will end, if it goes on like this. Too early to tell: null. */
export function etaOf(progress: number | undefined, ageMs: number | null, now: number): number | null {
  if (progress === undefined || ageMs === null || progress < 0.01 || progress > 1) return null;
  return Math.round(now + (ageMs * (1 - progress)) / progress);
}
