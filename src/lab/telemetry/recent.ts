import type { GpuSample, TelemetrySample } from "../../contract/pod.js";

/** The last day of a pod in memory, fine and coarse: what the windows of a whole fleet are answered from. */
const levels = [
  { stretchMs: 15_000, slots: 242 },
  { stretchMs: 300_000, slots: 290 },
] as const;

const hourMs = 3_600_000;
export const recentMs = 24 * hourMs;
/** More of one pod's GPUs than this are not told of one by one. */
const mostGpus = 16;

const hostNumbers = [
  "cpuPercent",
  "memoryUsedBytes",
  "memoryTotalBytes",
  "loadAverage",
  "gpuUtilPercent",
  "gpuMemoryPercent",
  "costPerHourUsd",
] as const;
const gpuNumbers = ["utilPercent", "memoryPercent", "temperatureC", "powerW"] as const;

/** A ring of stretches; a stretch holds the mean of what was known in it, NaN where nothing was. */
interface Ring {
  readonly stretchMs: number;
  readonly slots: number;
  /** Time of the newest sample of each slot; 0: empty. */
  readonly at: Float64Array;
  readonly gpuCounts: Uint8Array;
  readonly values: Float32Array;
  /** Of the stretch that still fills. */
  readonly sums: Float64Array;
  readonly counts: Uint32Array;
}

export interface RecentSamples {
  readonly podId: string;
  /** Columns of a slot: those of the host, then four for each GPU. */
  readonly width: number;
  readonly rings: readonly Ring[];
  newestAt: number;
}

/** A sample as one row of numbers; NaN is unknown. */
function numbersOf(sample: TelemetrySample, width: number): Float64Array {
  const row = new Float64Array(width).fill(Number.NaN);
  hostNumbers.forEach((name, column) => {
    row[column] = sample[name] ?? Number.NaN;
  });
  sample.gpus.forEach((gpu, index) => {
    gpuNumbers.forEach((name, column) => {
      const place = hostNumbers.length + index * gpuNumbers.length + column;
      if (place < width) row[place] = gpu[name] ?? Number.NaN;
    });
  });
  return row;
}

const widthFor = (gpuCount: number) => hostNumbers.length + Math.min(mostGpus, gpuCount) * gpuNumbers.length;

/** Room for a day of a pod with so many GPUs: some 17 kB, and 9 for each GPU. */
export function createRecent(podId: string, gpuCount: number): RecentSamples {
  const width = widthFor(gpuCount);
  const rings = levels.map(({ stretchMs, slots }) => ({
    stretchMs,
    slots,
    at: new Float64Array(slots),
    gpuCounts: new Uint8Array(slots),
    values: new Float32Array(slots * width),
    sums: new Float64Array(width),
    counts: new Uint32Array(width),
  }));
  return { podId, width, rings, newestAt: 0 };
}

/** Whether a sample has more GPUs than there is room for: then the day is read into a wider one. */
export function hasRoom(recent: RecentSamples, sample: TelemetrySample): boolean {
  return widthFor(sample.gpus.length) <= recent.width;
}

/** Samples come in order of time; an older one than the newest is left out. */
export function addRecent(recent: RecentSamples, sample: TelemetrySample): void {
  if (sample.at <= recent.newestAt) return;
  recent.newestAt = sample.at;
  const row = numbersOf(sample, recent.width);
  for (const ring of recent.rings) addTo(ring, { row, at: sample.at, gpuCount: sample.gpus.length });
}

function addTo(ring: Ring, { row, at, gpuCount }: { row: Float64Array; at: number; gpuCount: number }): void {
  const { stretchMs, slots, values, sums, counts } = ring;
  const stretch = Math.floor(at / stretchMs);
  const slot = stretch % slots;
  const newestAt = ring.at[slot] ?? 0;
  if (Math.floor(newestAt / stretchMs) !== stretch) {
    sums.fill(0);
    counts.fill(0);
    ring.gpuCounts[slot] = 0;
  }
  ring.at[slot] = at;
  ring.gpuCounts[slot] = Math.max(ring.gpuCounts[slot] ?? 0, Math.min(mostGpus, gpuCount));
  for (let column = 0; column < row.length; column++) {
    const value = row[column] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      sums[column] = (sums[column] ?? 0) + value;
      counts[column] = (counts[column] ?? 0) + 1;
    }
    const count = counts[column] ?? 0;
    values[slot * row.length + column] = count === 0 ? Number.NaN : (sums[column] ?? 0) / count;
  }
}

export interface WindowQuery {
  readonly sinceMs: number;
  readonly now: number;
  /** Samples at most, 2 or more. */
  readonly points: number;
}

/** A window rarely begins where a stretch does, so it has one more than it is long. */
export function stretchMs({ sinceMs, now, points }: WindowQuery): number {
  return Math.max(1, Math.ceil((now - sinceMs) / Math.max(1, points - 1)));
}

/** Samples since a moment, ascending: the mean of what is known of each stretch, at its newest time. */
export function windowOf({ podId, width, rings }: RecentSamples, query: WindowQuery): TelemetrySample[] {
  const { sinceMs, now } = query;
  const ring = rings.find(({ stretchMs, slots }) => now - sinceMs <= (slots - 2) * stretchMs) ?? rings.at(-1);
  if (ring === undefined) return [];
  const stepMs = Math.max(1, Math.ceil(stretchMs(query) / ring.stretchMs)) * ring.stretchMs;
  const samples: TelemetrySample[] = [];
  const open = createMeans(width);
  const last = Math.floor(now / ring.stretchMs);
  const first = Math.max(Math.floor(sinceMs / ring.stretchMs), last - ring.slots + 1);
  for (let stretch = first; stretch <= last; stretch++) {
    const slot = stretch % ring.slots;
    const at = ring.at[slot] ?? 0;
    if (at < sinceMs || Math.floor(at / ring.stretchMs) !== stretch) continue;
    if (open.at > 0 && Math.floor(open.at / stepMs) !== Math.floor(at / stepMs)) samples.push(closeMeans(open, podId));
    addSlot(open, ring, slot);
  }
  if (open.at > 0) samples.push(closeMeans(open, podId));
  return samples;
}

/** What is summed up of the stretch that is open; `at` 0: nothing. */
interface Means {
  readonly sums: Float64Array;
  readonly counts: Uint16Array;
  gpuCount: number;
  at: number;
}

const createMeans = (width: number): Means => ({
  sums: new Float64Array(width),
  counts: new Uint16Array(width),
  gpuCount: 0,
  at: 0,
});

/** The innermost loop of a window: half a million numbers for a day of 500 pods. */
function addSlot(means: Means, ring: Ring, slot: number): void {
  const { sums, counts } = means;
  const from = slot * sums.length;
  for (let column = 0; column < sums.length; column++) {
    const value = ring.values[from + column] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    sums[column] = (sums[column] ?? 0) + value;
    counts[column] = (counts[column] ?? 0) + 1;
  }
  means.at = ring.at[slot] ?? 0;
  means.gpuCount = Math.max(means.gpuCount, ring.gpuCounts[slot] ?? 0);
}

function meanAt({ sums, counts }: Means, column: number): number | null {
  const count = counts[column] ?? 0;
  if (count === 0) return null;
  const mean = (sums[column] ?? 0) / count;
  // Single precision carries seven digits: what follows is noise.
  return mean >= 1000 ? Math.round(mean) : Math.round(mean * 1000) / 1000;
}

function closeMeans(means: Means, podId: string): TelemetrySample {
  const gpus: GpuSample[] = [];
  for (let index = 0; index < means.gpuCount; index++) {
    const first = hostNumbers.length + index * gpuNumbers.length;
    gpus.push({
      utilPercent: meanAt(means, first),
      memoryPercent: meanAt(means, first + 1),
      temperatureC: meanAt(means, first + 2),
      powerW: meanAt(means, first + 3),
    });
  }
  const sample = {
    podId,
    at: means.at,
    cpuPercent: meanAt(means, 0),
    memoryUsedBytes: meanAt(means, 1),
    memoryTotalBytes: meanAt(means, 2),
    loadAverage: meanAt(means, 3),
    gpuUtilPercent: meanAt(means, 4),
    gpuMemoryPercent: meanAt(means, 5),
    costPerHourUsd: meanAt(means, 6),
    gpus,
  };
  means.sums.fill(0);
  means.counts.fill(0);
  means.gpuCount = 0;
  means.at = 0;
  return sample;
}
