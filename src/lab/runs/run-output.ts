import { type Harvest, type OutTail, openTail, type TailStart } from "../capture/out-tail.js";
import { type MetricsFile, MetricsFilePosition, readMetricsFile, startOfMetrics } from "./metrics-file.js";

export interface RunOutputStart extends TailStart {
  readonly metrics: MetricsFile;
}

/** Name under which the position in `metrics.jsonl` is kept beside the chain reader's state. */
const positionField = "metricsFile";

/**
 * What a run says: its output and its `metrics.jsonl`, followed together from a durable position. As with the output alone, a look
 * that could not be stored is repeated.
 */
export function openRunOutput(start: RunOutputStart): OutTail {
  const tail = openTail(start);
  let saved = start.reader;
  let position = positionIn(start.reader);
  let polled: { readonly merged: Harvest; readonly harvest: Harvest; readonly position: MetricsFilePosition } | null =
    null;
  return {
    async poll(at, final) {
      const harvest = await tail.poll(at, final);
      const found = await readMetricsFile(start.metrics, position, { at, final });
      const hasMoved = found.position.off !== position.off || found.position.inode !== position.inode;
      const reader = harvest.reader ?? (hasMoved ? (saved ?? "{}") : undefined);
      const merged: Harvest = {
        ...harvest,
        points: [...harvest.points, ...found.points],
        reader: reader === undefined ? undefined : withPosition(reader, found.position),
        drained: harvest.drained && found.drained,
      };
      polled = { merged, harvest, position: found.position };
      return merged;
    },
    accept(merged) {
      if (polled?.merged !== merged) return;
      tail.accept(polled.harvest);
      position = polled.position;
      saved = merged.reader ?? saved;
      polled = null;
    },
    close: () => tail.close(),
  };
}

function positionIn(reader: string | null): MetricsFilePosition {
  if (reader === null) return startOfMetrics;
  const kept = (JSON.parse(reader) as Readonly<Record<string, unknown>>)[positionField];
  return MetricsFilePosition.safeParse(kept).data ?? startOfMetrics;
}

const withPosition = (reader: string, position: MetricsFilePosition): string =>
  JSON.stringify({ ...(JSON.parse(reader) as object), [positionField]: position });
