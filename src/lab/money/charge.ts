import { hourMs, microsBetween } from "../../core/micro-usd.js";

/** The price at which a stretch of GPU time comes out in ms instead of micro-dollars. */
const msPerHour = 3_600_000;

export const hourOf = (atMs: number): number => Math.floor(atMs / hourMs) * hourMs;

/** A stretch of a pod's life in which its price stood still. */
export interface Slice {
  readonly podId: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Who the money goes to: the machine, or the disk that a stopped one keeps. */
  readonly pays: "machine" | "disk";
  /** null: nobody knows the price. The time is counted, money is not. */
  readonly microsPerHour: number | null;
  readonly idle: boolean;
  readonly slots: number;
  readonly gpuCount: number;
}

/** A run on the pod, as far as it is known; `toMs` is Infinity while it goes on. */
export interface RunSpan {
  readonly experimentId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly slots: number;
  /** The lab that pays, where it is not the pod's own. */
  readonly guestLabId?: string | undefined;
}

/** What is added to one hour of a pod. */
export interface PodCharge {
  readonly podId: string;
  readonly hourAt: number;
  gpuMicros: number;
  diskMicros: number;
  idleMicros: number;
  sharedMicros: number;
  sharedGpuMs: number;
  runningMs: number;
  unknownMs: number;
}

export interface ExperimentCharge {
  readonly experimentId: string;
  readonly guestLabId: string | null;
  readonly podId: string;
  readonly hourAt: number;
  micros: number;
  gpuMs: number;
}

export interface Charges {
  readonly pods: readonly PodCharge[];
  readonly experiments: readonly ExperimentCharge[];
}

/**
 * What a slice costs, by UTC hour, and which part of it each experiment had: its slots of the pod's. What no experiment had belongs to
 * nobody. Slices that follow each other add up exactly as one slice would, and experiments that fill the pod add up to the pod.
 */
export function charge(slice: Slice, runs: readonly RunSpan[]): Charges {
  const pods = new Map<number, PodCharge>();
  const experiments = new Map<string, ExperimentCharge>();
  const cuts = cutsOf(slice, runs);
  for (const [index, fromMs] of cuts.slice(0, -1).entries()) {
    const toMs = cuts[index + 1] ?? fromMs;
    const active = runs.filter((run) => run.fromMs < toMs && run.toMs > fromMs);
    const hourAt = hourOf(fromMs);
    const pod = pods.get(hourAt) ?? emptyHour(slice.podId, hourAt);
    pods.set(hourAt, pod);
    chargePod(pod, slice, { fromMs, toMs });
    if (slice.pays === "disk" || slice.microsPerHour === null) continue;
    for (const part of partsOf(slice, slice.microsPerHour, { fromMs, toMs, active })) {
      pod.sharedMicros += part.micros;
      pod.sharedGpuMs += part.gpuMs;
      const key = `${part.experimentId} ${hourAt}`;
      const known = experiments.get(key);
      if (known === undefined) experiments.set(key, { podId: slice.podId, hourAt, ...part });
      else [known.micros, known.gpuMs] = [known.micros + part.micros, known.gpuMs + part.gpuMs];
    }
  }
  return { pods: [...pods.values()], experiments: [...experiments.values()] };
}

/** What each experiment on it costs per hour at the end of a slice; empty where nobody knows the price. */
export function ratesAt(slice: Slice, runs: readonly RunSpan[]): ReadonlyMap<string, number> {
  if (slice.pays === "disk" || slice.microsPerHour === null) return new Map();
  const fromMs = hourOf(slice.toMs);
  const active = runs.filter((run) => run.fromMs < slice.toMs && run.toMs > slice.toMs);
  const parts = partsOf(slice, slice.microsPerHour, { fromMs, toMs: fromMs + hourMs, active });
  return new Map(parts.map(({ experimentId, micros }) => [experimentId, micros]));
}

/** Where an hour begins or a run starts or ends: between two cuts nothing changes. */
function cutsOf({ fromMs, toMs }: Slice, runs: readonly RunSpan[]): number[] {
  const cuts = new Set([fromMs, toMs, ...runs.flatMap((run) => [run.fromMs, run.toMs])]);
  for (let hour = hourOf(fromMs) + hourMs; hour < toMs; hour += hourMs) cuts.add(hour);
  return [...cuts].filter((at) => at >= fromMs && at <= toMs).sort((a, b) => a - b);
}

function emptyHour(podId: string, hourAt: number): PodCharge {
  const nothing = { gpuMicros: 0, diskMicros: 0, idleMicros: 0, sharedMicros: 0, sharedGpuMs: 0 };
  return { podId, hourAt, ...nothing, runningMs: 0, unknownMs: 0 };
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function chargePod(pod: PodCharge, slice: Slice, span: Span): void {
  const ms = span.toMs - span.fromMs;
  if (slice.pays === "machine") pod.runningMs += ms;
  if (slice.microsPerHour === null) {
    pod.unknownMs += ms;
    return;
  }
  const micros = microsBetween(slice.microsPerHour, span);
  if (slice.pays === "disk") {
    pod.diskMicros += micros;
    return;
  }
  pod.gpuMicros += micros;
  if (slice.idle) pod.idleMicros += micros;
}

/** Each gets from where the ones before it end to where it ends itself: so the parts add up without a rest. */
function partsOf({ slots, gpuCount }: Slice, microsPerHour: number, at: Span & { active: readonly RunSpan[] }) {
  const wanted = at.active.reduce((sum, run) => sum + run.slots, 0);
  const whole = Math.max(1, slots, wanted);
  let before = 0;
  const upTo = (perHour: number, part: number) => microsBetween(perHour, at, { part, whole });
  return at.active.map(({ experimentId, guestLabId = null, slots: own }) => {
    const after = before + own;
    const micros = upTo(microsPerHour, after) - upTo(microsPerHour, before);
    const gpuMs = upTo(gpuCount * msPerHour, after) - upTo(gpuCount * msPerHour, before);
    before = after;
    return { experimentId, guestLabId, micros, gpuMs };
  });
}
