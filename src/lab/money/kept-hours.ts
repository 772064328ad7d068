import { removedTopic } from "../services/lab-removal.js";
import type { LabStore } from "../store/store.js";

/** Hours that start in a stretch of time. */
export interface Hours {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Far more than anybody looks at: two months of days and a day of hours, for twenty labs. */
const keptSegments = 2000;

/** Of a lab: `read` once, and kept until one of its hours is written again or one of `topics` is touched, so that only what changed is summed once more. */
export function createKeptHours<Sum>(
  store: LabStore,
  read: (labId: string, hours: Hours) => Promise<Sum>,
  topics: readonly string[] = [],
): (labId: string, hours: Hours) => Promise<Sum> {
  const kept = new Map<string, Hours & { readonly sum: Sum }>();
  store.onChange((touched) => {
    if ([removedTopic, ...topics].some((topic) => touched.has(topic))) kept.clear();
    for (const topic of touched) {
      if (!topic.startsWith("costs:")) continue;
      const hourAt = Number(topic.slice("costs:".length));
      for (const [key, { fromMs, toMs }] of kept) if (fromMs <= hourAt && hourAt < toMs) kept.delete(key);
    }
  });
  return async (labId, hours) => {
    const key = `${labId} ${hours.fromMs} ${hours.toMs}`;
    const known = store.isChanging ? undefined : kept.get(key);
    if (known !== undefined) return known.sum;
    const ts = store.latestTs();
    const sum = await read(labId, hours);
    if (store.isChanging || store.latestTs() !== ts) return sum;
    kept.set(key, { ...hours, sum });
    if (kept.size > keptSegments) kept.delete(kept.keys().next().value ?? "");
    return sum;
  };
}
