import { z } from "zod";
import { Costs } from "../contract/cost.js";
import { Experiment } from "../contract/experiment.js";
import { LogEntry, LogLevel } from "../contract/log-entry.js";
import { MetricSeries } from "../contract/metrics.js";
import { Pod, TelemetrySample } from "../contract/pod.js";
import { podSorts, podWindowsMs } from "./slices/pods.js";
import { paneIds } from "./slices/view.js";

/** Raised when an older room could misread a newer file; it then starts afresh. */
const version = 1;

/** A list of which single broken entries are left out. */
const tolerantList = <T extends z.ZodType>(item: T) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((entries) =>
      entries.flatMap((entry): z.output<T>[] => {
        const read = item.safeParse(entry);
        return read.success ? [read.data] : [];
      }),
    );

const ids = z.array(z.string()).catch([]);

/** What is kept of a session. Every field falls back by itself: a file of another version loses what it must and no more. */
const Snapshot = z.object({
  version: z.literal(version),
  savedAt: z.number(),
  label: z.string().catch(""),
  focus: z.enum(paneIds).catch("queue"),
  zoomed: z.boolean().catch(false),
  queue: z
    .object({
      selectedId: z.string().nullable().catch(null),
      filter: z.string().catch(""),
      sort: z.enum(["queue", "id", "title", "state", "priority", "age"]).catch("queue"),
      reversed: z.boolean().catch(false),
      bookmarks: ids,
      marked: ids,
    })
    .catch({ selectedId: null, filter: "", sort: "queue", reversed: false, bookmarks: [], marked: [] }),
  pods: z
    .object({
      selectedId: z.string().nullable().catch(null),
      filter: z.string().catch(""),
      sort: z.enum(podSorts).catch("state"),
      reversed: z.boolean().catch(false),
      windowMs: z.literal([...podWindowsMs]).catch(podWindowsMs[0]),
      perGpu: z.boolean().catch(false),
    })
    .catch({ selectedId: null, filter: "", sort: "state", reversed: false, windowMs: podWindowsMs[0], perGpu: false }),
  log: z
    .object({ wrap: z.boolean().catch(false), showTime: z.boolean().catch(true), level: LogLevel.catch("debug") })
    .catch({ wrap: false, showTime: true, level: "debug" }),
  acknowledged: ids,
  last: z
    .object({
      experiments: tolerantList(Experiment),
      pods: tolerantList(Pod),
      samples: tolerantList(TelemetrySample),
      logOf: z.string().nullable().catch(null),
      lines: tolerantList(LogEntry),
      series: MetricSeries.nullable().catch(null),
      costs: Costs.nullable().catch(null),
    })
    .catch({ experiments: [], pods: [], samples: [], logOf: null, lines: [], series: null, costs: null }),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** Reads what `toSnapshot` wrote; null if it is none, or of another version. */
export function fromSnapshot(json: unknown): Snapshot | null {
  const read = Snapshot.safeParse(json);
  return read.success ? read.data : null;
}
