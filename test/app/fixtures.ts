import type { Host } from "../../src/app/command.js";
import { commands } from "../../src/app/commands/index.js";
import type { Timers } from "../../src/app/effects/timers.js";
import { buildKeymap, type KeymapOptions } from "../../src/app/keymap.js";
import { createLogRing } from "../../src/app/log-ring.js";
import { createCommandRunner } from "../../src/app/run-command.js";
import { type AppEvent, type AppState, createAppStore, initialState, reduce } from "../../src/app/store.js";
import type { Connection, Link, LogEvent, Sink } from "../../src/contract/connection.js";
import type { Costs } from "../../src/contract/cost.js";
import type { Experiment } from "../../src/contract/experiment.js";
import type { LogEntry } from "../../src/contract/log-entry.js";
import type { MetricSeries } from "../../src/contract/metrics.js";
import { notRented, type Pod, type TelemetrySample } from "../../src/contract/pod.js";
import type { ProviderState } from "../../src/contract/provider.js";
import { LabSettings } from "../../src/contract/settings.js";
import type { Clock } from "../../src/core/clock.js";

/** 2026-11-21 09:41 UTC. */
export const nowMs = Date.UTC(2026, 10, 21, 9, 41);

export function experiment(number: number, changes: Partial<Experiment> = {}): Experiment {
  const id = `x${number}`;
  return {
    _id: id,
    _creationTime: nowMs - 3_600_000 + number,
    id,
    labId: "lab",
    experimentId: `EXP-${String(number).padStart(3, "0")}`,
    title: `run ${number}`,
    projectId: null,
    template: null,
    computeMode: "CPU",
    config: "{}",
    priority: "normal",
    estimatedSeconds: null,
    status: "queued",
    result: null,
    statusReason: null,
    attempt: 0,
    podId: null,
    exitCode: null,
    qc: null,
    metrics: {},
    progress: null,
    etaAt: null,
    logLines: 1,
    cancelRequested: false,
    createdAt: nowMs - 3_600_000 + number,
    updatedAt: nowMs - 3_600_000,
    startedAt: null,
    endedAt: null,
    costUsd: null,
    costEstimated: false,
    projectedCostUsd: null,
    queueId: null,
    queue: "default",
    parentId: null,
    batchId: null,
    notBeforeAt: null,
    resumeFrom: null,
    actualSeconds: null,
    ...changes,
  };
}

export function pod(name: string, changes: Partial<Pod> = {}): Pod {
  return {
    ...notRented,
    _id: `p-${name}`,
    _creationTime: 0,
    id: `p-${name}`,
    labId: "lab",
    provider: "runpod",
    name,
    gpuType: "H200",
    gpuCount: 1,
    status: "running",
    statusReason: null,
    acceptsWork: true,
    slots: 1,
    slotsUsed: 0,
    gpus: [],
    costPerHourUsd: 4,
    costTodayUsd: 10,
    idleMinutes: 0,
    experiments: [],
    last: null,
    startedAt: nowMs - 3_600_000,
    createdAt: nowMs - 7_200_000,
    updatedAt: nowMs,
    ...changes,
  };
}

export function sample(podId: string, at: number, changes: Partial<TelemetrySample> = {}): TelemetrySample {
  return {
    podId,
    at,
    cpuPercent: 50,
    memoryUsedBytes: 1,
    memoryTotalBytes: 2,
    loadAverage: 1,
    gpuUtilPercent: 90,
    gpuMemoryPercent: 70,
    costPerHourUsd: 4,
    gpus: [],
    ...changes,
  };
}

export function logLine(seq: number, message: string, changes: Partial<LogEntry> = {}): LogEntry {
  return {
    _id: `x1:0:${seq}`,
    _creationTime: nowMs,
    experimentId: "x1",
    seq,
    level: "info",
    message,
    timestamp: nowMs - 60_000 + seq,
    ...changes,
  };
}

export const liveLink: Link = { state: "live", since: nowMs };
export const lostLink: Link = {
  state: "lost",
  since: nowMs - 42_000,
  attempt: 3,
  retryAt: nowMs + 5000,
  reason: "refused",
};
export const lab = {
  id: "lab",
  name: "dark-energy",
  slug: "dark-energy",
  template: null,
  visibility: "private",
  experiment_count: 3,
  agent_count: 0,
  created_at: "2026-01-01T00:00:00Z",
} as const;

/** Attached, live, at `nowMs`, with these events on top. */
export function stateOf(...events: readonly AppEvent[]): AppState {
  const attached: AppEvent[] = [
    { type: "link/attached", label: "local lab", lab },
    { type: "link/changed", link: liveLink },
    { type: "view/ticked", nowMs },
    { type: "view/resized", columns: 120, rows: 36 },
  ];
  return [...attached, ...events].reduce(reduce, initialState(createLogRing()));
}

/** Time that stands still until a test moves it. */
export function manualTime(startMs = nowMs) {
  let now = startMs;
  let waiting: { at: number; run: () => void }[] = [];
  const timers: Timers = {
    after(delayMs, run) {
      const entry = { at: now + delayMs, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
  };
  const clock: Clock = { now: () => now };
  return {
    timers,
    clock,
    pending: () => waiting.length,
    pass(ms: number) {
      const end = now + ms;
      for (;;) {
        const next = waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        waiting = waiting.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
  };
}

/** A lab of which no cost is known. */
export const unknownCosts: Costs = {
  asOf: nowMs,
  summary: {
    month: "2026-11",
    gpuUsd: null,
    llmUsd: null,
    storageUsd: null,
    totalUsd: null,
    gpuHours: null,
    budgetUsd: null,
    liveRunning: { podCount: 0, hourlyUsd: null, costUsd: null },
  },
  todayUsd: null,
  idleTodayUsd: null,
  idleMonthUsd: null,
  stoppedDiskHourlyUsd: null,
  projectedMonthUsd: null,
  estimated: true,
  billedUntil: null,
  budget: { state: "none", monthlyUsd: null, warnUsd: null, hardLimitUsd: null, queuePaused: null },
  balance: { usd: null, runwayHours: null, reason: null },
  pods: [],
  experiments: [],
  queues: [],
  hours: [],
  days: [],
};

type Answer = (...args: readonly unknown[]) => unknown;

/** A connection that records calls, answers as told and lets the test push. */
export function fakeConnection(answers: Readonly<Record<string, Answer>> = {}) {
  const calls: (readonly unknown[])[] = [];
  const sinks: Record<string, Sink<never>[]> = {};
  let toLink: ((link: Link) => void) | null = null;
  const ask =
    (name: string, fallback: Answer) =>
    async (...args: readonly unknown[]): Promise<never> => {
      calls.push([name, ...args]);
      return (answers[name] ?? fallback)(...args) as never;
    };
  const watched = (name: string, sink: Sink<never>) => {
    calls.push([name]);
    const list = (sinks[name] ??= []);
    list.push(sink);
    return () => {
      calls.push([`${name} stopped`]);
      list.splice(list.indexOf(sink), 1);
    };
  };
  const row: Answer = (id) => experiment(Number(String(id).slice(1)));
  const connection: Connection = {
    label: "local lab",
    lab,
    missing: {},
    watchLink(next) {
      toLink = next;
      return () => (toLink = null);
    },
    retryNow: () => calls.push(["retryNow"]),
    experiments: {
      watch: (sink) => watched("experiments", sink),
      older: ask("older", () => ({ rows: [], more: false })),
      list: ask("list", () => ({ rows: [], nextCursor: null, more: false })),
      get: ask("get", row),
      create: ask("create", () => experiment(99)),
      patch: ask("patch", row),
      cancel: ask("cancel", row),
      restart: ask("restart", row),
      resume: ask("resume", row),
      remove: ask("remove", () => undefined),
      watchStatuses: (id, sink) => watched(`statuses ${id}`, sink),
      watchAttempts: (id, sink) => watched(`attempts ${id}`, sink),
    },
    qc: {
      watch: (id, sink) => watched(`qc ${id}`, sink),
      rerun: ask("qc.rerun", () => ({})),
      override: ask("qc.override", () => ({})),
    },
    queues: {
      watch: (sink) => watched("queues", sink),
      create: ask("queues.create", () => ({})),
      patch: ask("queues.patch", () => ({})),
    },
    batches: { create: ask("batches.create", () => ({ experimentCount: 0, rows: [] })) },
    activity: { watch: (sink) => watched("activity", sink) },
    logs: {
      follow: (id, _options, sink) => watched(`log ${id}`, sink),
      before: ask("before", () => []),
      list: ask("logs", () => []),
      page: ask("logs.page", () => ({ rows: [], nextCursor: null })),
      download: ask("logs.download", () => []),
    },
    metrics: {
      watch: (id, sink) => watched(`metrics ${id}`, sink),
      read: ask("metrics.read", () => ({ experimentId: "", points: [], last: {}, names: [] })),
    },
    outputs: {
      list: ask("outputs.list", () => ({ rows: [], nextCursor: null })),
      download: ask("outputs.download", () => []),
    },
    pods: {
      list: ask("pods.list", () => []),
      watch: (sink) => watched("pods", sink),
      start: ask("start", () => pod("a")),
      stop: ask("stop", () => pod("a", { status: "stopped" })),
      get: ask("pods.get", () => pod("a")),
      create: ask("pods.create", () => pod("new", { status: "creating" })),
      patch: ask("pods.patch", () => pod("a")),
      restart: ask("pods.restart", () => pod("a")),
      terminate: ask("pods.terminate", () => pod("a", { status: "terminated" })),
      deploy: ask("pods.deploy", () => pod("a")),
      fetchOutputs: ask("pods.fetchOutputs", () => pod("a")),
      providers: ask("pods.providers", () => []),
      watchProviders: (sink) => watched("providers", sink),
      stock: ask("pods.stock", () => []),
      followLog: (id, _options, sink) => watched(`pod log ${id}`, sink),
    },
    telemetry: {
      window: ask("telemetry.window", () => []),
      watch: (sink) => watched("telemetry", sink),
    },
    costs: { get: ask("costs.get", () => unknownCosts), watch: (sink) => watched("costs", sink) },
    settings: {
      get: ask("settings.get", () => LabSettings.parse({})),
      watch: (sink) => watched("settings", sink),
      patch: ask("settings.patch", () => LabSettings.parse({})),
    },
    templates: { list: ask("templates", () => []) },
    close: async () => undefined,
  };
  const push = (name: string, value: unknown) => {
    for (const sink of sinks[name] ?? []) sink.next(value as never);
  };
  return {
    connection,
    calls,
    named: (name: string) => calls.filter(([called]) => called === name),
    link: (link: Link) => toLink?.(link),
    experiments: (rows: readonly Experiment[]) => push("experiments", rows),
    pods: (rows: readonly Pod[]) => push("pods", rows),
    providers: (states: readonly ProviderState[]) => push("providers", states),
    push,
    log: (id: string, event: LogEvent) => push(`log ${id}`, event),
    metrics: (id: string, series: MetricSeries) => push(`metrics ${id}`, series),
    sinks,
  };
}

export function fakeHost(changes: Partial<Host> = {}) {
  const calls: (readonly unknown[])[] = [];
  const host: Host = {
    copy: (text) => calls.push(["copy", text]) > 0,
    edit: async (text, extension) => {
      calls.push(["edit", text, extension]);
      return null;
    },
    shell: async (argv, title) => {
      calls.push(["shell", argv, title]);
      return { code: 0, lastError: "" };
    },
    sshFiles: () => ({ identity: null, knownHosts: null }),
    saveFile: async (name, text) => {
      calls.push(["saveFile", name, text]);
      return `/tmp/${name}`;
    },
    saveBytes: async (name, chunks) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      calls.push(["saveBytes", name, Buffer.concat(parts).toString()]);
      return `/tmp/${name}`;
    },
    leave: () => void calls.push(["leave"]),
    retry: () => void calls.push(["retry"]),
    suspend: () => void calls.push(["suspend"]),
    redraw: () => void calls.push(["redraw"]),
    ...changes,
  };
  return { host, calls };
}

export function keymapOf(options?: KeymapOptions) {
  const built = buildKeymap(commands, options);
  if (!built.ok) throw new Error(built.problems.join("\n"));
  return built.keymap;
}

/** A room as main puts it together, with everything faked that is not the app. */
export function room(
  state: AppState,
  {
    answers,
    host: hostChanges,
    ...options
  }: KeymapOptions & { answers?: Record<string, Answer>; host?: Partial<Host> } = {},
) {
  const store = createAppStore(state);
  const time = manualTime();
  const fake = fakeConnection(answers);
  const { host, calls: hostCalls } = fakeHost(hostChanges);
  const keymap = keymapOf(options);
  const runner = createCommandRunner({ store, keymap, connection: () => fake.connection, host, clock: time.clock });
  return { store, time, fake, hostCalls, keymap, runner, state: () => store.api.getState(), ...time };
}
