import { commands } from "../../src/app/commands/index.js";
import { footerCommands } from "../../src/app/key-table.js";
import { buildKeymap } from "../../src/app/keymap.js";
import type { PaneId } from "../../src/app/slices/view.js";
import type { AppState } from "../../src/app/store.js";
import type { Costs } from "../../src/contract/cost.js";
import type { Experiment } from "../../src/contract/experiment.js";
import type { ProviderState } from "../../src/contract/provider.js";
import type { Failure } from "../../src/core/failure.js";
import type { Look } from "../../src/ui/panes/pane.js";
import { screenRows } from "../../src/ui/screen.js";
import { arrayLogBuffer } from "../ui/array-log-buffer.js";
import { costs, fleet, fleetRoom } from "../ui/fleet.js";
import { busyRoom, chainSeries, experiment, line, lossSeries, newRoom, nowMs } from "../ui/room.js";

const built = buildKeymap(commands);
if (!built.ok) throw new Error(built.problems.join("\n"));
const { keymap } = built;

/** The whole screen with the keys that the app would list. */
export const screenOf = (state: AppState, look: Look) => screenRows(state, footerCommands(state, keymap), look);

const refused: Failure = {
  kind: "server",
  message: "the lab answered 503: database is locked",
  hint: "Press r to try again; :lab log shows what the lab says.",
  requestId: "req_7f3a",
};

const withLog = (state: AppState, change: Partial<AppState["log"]>): AppState => ({
  ...state,
  log: { ...state.log, ...change },
});
const withView = (state: AppState, change: Partial<AppState["view"]>): AppState => ({
  ...state,
  view: { ...state.view, ...change },
});
const withQueue = (state: AppState, change: Partial<AppState["experiments"]>): AppState => ({
  ...state,
  experiments: { ...state.experiments, ...change },
});

const noKey: ProviderState = {
  name: "runpod",
  label: "RunPod",
  state: "off",
  since: null,
  reason: 'no RunPod key: set RUNPOD_API_KEY or write {"runpodApiKey": "…"} to credentials.json, then restart the lab',
};
const keyRefused: ProviderState = {
  ...noKey,
  state: "down",
  since: nowMs - 5 * 60_000,
  reason: "RunPod refuses the key: 401 Unauthorized",
};
const withProvider = (state: AppState, provider: ProviderState): AppState => ({
  ...state,
  pods: { ...state.pods, providers: [provider] },
});

const search = { pattern: "R-1 = 0", only: false, problem: null, hits: 21, current: 46 };

/** Every state of every pane, as a change of the busy room; named `pane-state`. */
export const paneScenes: Readonly<
  Record<string, { readonly pane: PaneId; readonly state: (columns: number, rows: number) => AppState }>
> = {
  "queue-busy": { pane: "queue", state: busyRoom },
  "queue-empty": { pane: "queue", state: newRoom },
  "queue-empty-read-only": {
    pane: "queue",
    state: (...size) => {
      const room = newRoom(...size);
      return { ...room, link: { ...room.link, readOnly: true } };
    },
  },
  "queue-loading": { pane: "queue", state: (...size) => withQueue(newRoom(...size), { loaded: false }) },
  "queue-error": {
    pane: "queue",
    state: (...size) => withQueue(newRoom(...size), { loaded: false, failure: refused }),
  },
  "queue-not-updating": { pane: "queue", state: (...size) => withQueue(busyRoom(...size), { failure: refused }) },
  "queue-filtered": { pane: "queue", state: (...size) => withQueue(busyRoom(...size), { filter: "status:running" }) },
  "queue-filtered-to-nothing": {
    pane: "queue",
    state: (...size) => withQueue(busyRoom(...size), { filter: "neutrino" }),
  },
  "queue-filter-problem": { pane: "queue", state: (...size) => withQueue(busyRoom(...size), { filter: "color:red" }) },
  "queue-pending": {
    pane: "queue",
    state: (...size) => {
      const room = busyRoom(...size);
      const action = { id: 1, title: "Stop EXP-055", target: "exp55", startedAt: nowMs };
      return { ...room, actions: { ...room.actions, pending: [action] } };
    },
  },
  "queue-huge": {
    pane: "queue",
    state: (...size) =>
      withQueue(busyRoom(...size), { live: hugeList, selectedId: "exp70000", sort: "id", reversed: true }),
  },
  "log-following": { pane: "log", state: busyRoom },
  "log-paused": { pane: "log", state: (...size) => withLog(busyRoom(...size), { following: false, topIndex: 30 }) },
  "log-searched": {
    pane: "log",
    state: (...size) => withLog(busyRoom(...size), { following: false, topIndex: 40, search }),
  },
  "log-only-matching": {
    pane: "log",
    state: (...size) => withLog(busyRoom(...size), { search: { ...search, only: true } }),
  },
  "log-warnings": { pane: "log", state: (...size) => withLog(busyRoom(...size), { level: "warn" }) },
  "log-nothing-matches": {
    pane: "log",
    state: (...size) =>
      withLog(busyRoom(...size), { search: { ...search, pattern: "banana", only: true, hits: 0, current: -1 } }),
  },
  "log-wrapped": {
    pane: "log",
    state: (...size) => withLog(busyRoom(...size), { wrap: true, following: false, topIndex: 0 }),
  },
  "log-shifted": { pane: "log", state: (...size) => withLog(busyRoom(...size), { columnOffset: 12, showTime: false }) },
  "log-start": { pane: "log", state: (...size) => withLog(busyRoom(...size), { following: false, topIndex: 0 }) },
  "log-dropped": {
    pane: "log",
    state: (...size) => withLog(busyRoom(...size), { buffer: arrayLogBuffer([line(9, "after the drop")], 1_204_331) }),
  },
  "log-huge-line": {
    pane: "log",
    state: (...size) =>
      withLog(busyRoom(...size), { wrap: true, buffer: arrayLogBuffer([line(1, "abcdefghij".repeat(1_000_000))]) }),
  },
  "log-none-selected": { pane: "log", state: newRoom },
  "log-loading": {
    pane: "log",
    state: (...size) => withLog(busyRoom(...size), { loaded: false, buffer: arrayLogBuffer() }),
  },
  "log-error": {
    pane: "log",
    state: (...size) => withLog(busyRoom(...size), { failure: refused, loaded: false, buffer: arrayLogBuffer() }),
  },
  "log-silent": { pane: "log", state: (...size) => withLog(busyRoom(...size), { buffer: arrayLogBuffer() }) },
  "log-blocked": {
    pane: "log",
    state: (...size) => withLog(busyRoom(...size), { buffer: arrayLogBuffer(), experimentId: "exp57" }),
  },
  "pods-busy": { pane: "pods", state: busyRoom },
  "pods-none": { pane: "pods", state: newRoom },
  "pods-loading": {
    pane: "pods",
    state: (...size) => {
      const room = newRoom(...size);
      return { ...room, pods: { ...room.pods, loaded: false } };
    },
  },
  "pods-error": {
    pane: "pods",
    state: (...size) => {
      const room = newRoom(...size);
      return { ...room, pods: { ...room.pods, failure: refused } };
    },
  },
  "pods-silent": { pane: "pods", state: (...size) => withView(busyRoom(...size), { nowMs: nowMs + 12 * 60_000 }) },
  "pods-fleet": { pane: "pods", state: fleetRoom },
  "pods-each-gpu": { pane: "pods", state: (...size) => fleetRoom(...size, { perGpu: true, windowMs: 6 * 3_600_000 }) },
  "pods-by-cost": {
    pane: "pods",
    state: (...size) => fleetRoom(...size, { sort: "cost", windowMs: 24 * 3_600_000, marked: ["pod2", "pod6"] }),
  },
  "pods-filtered": { pane: "pods", state: (...size) => fleetRoom(...size, { filter: "idle:>15 provider:runpod" }) },
  "pods-filter-problem": { pane: "pods", state: (...size) => fleetRoom(...size, { filter: "idle:long" }) },
  "pods-many": {
    pane: "pods",
    state: (...size) => fleetRoom(...size, { rows: manyPods, selectedId: "pod250x6" }),
  },
  "costs-warn": { pane: "costs", state: fleetRoom },
  "costs-by-experiment": {
    pane: "costs",
    state: (...size) => withCosts(fleetRoom(...size), { group: "experiments" }),
  },
  "costs-over": { pane: "costs", state: (...size) => withCosts(fleetRoom(...size), { costs: overBudget }) },
  "costs-unknown": { pane: "costs", state: (...size) => withCosts(fleetRoom(...size), { costs: unknownYet }) },
  "costs-many": { pane: "costs", state: (...size) => withCosts(fleetRoom(...size), { costs: manyCosts, top: 200 }) },
  "costs-nothing-rented": {
    pane: "costs",
    state: (...size) => withCosts(localRoom(...size), { costs: nothingRented }),
  },
  "costs-loading": { pane: "costs", state: (...size) => withCosts(fleetRoom(...size), { costs: null }) },
  "costs-error": {
    pane: "costs",
    state: (...size) => withCosts(fleetRoom(...size), { costs: null, failure: refused }),
  },
  "costs-not-updating": { pane: "costs", state: (...size) => withCosts(fleetRoom(...size), { failure: refused }) },
  "pods-none-no-key": { pane: "pods", state: (...size) => withProvider(newRoom(...size), noKey) },
  "pods-none-key-refused": { pane: "pods", state: (...size) => withProvider(newRoom(...size), keyRefused) },
  "pods-local-no-key": { pane: "pods", state: (...size) => withProvider(localRoom(...size), noKey) },
  "pods-key-refused": { pane: "pods", state: (...size) => withProvider(fleetRoom(...size), keyRefused) },
  "pods-local": { pane: "pods", state: (...size) => localRoom(...size) },
  "chain-falling": { pane: "chain", state: busyRoom },
  "chain-early": {
    pane: "chain",
    state: (...size) => ({
      ...busyRoom(...size),
      chain: { experimentId: "exp54", series: chainSeries(3), failure: null },
    }),
  },
  "chain-converged": {
    pane: "chain",
    state: (...size) => ({
      ...busyRoom(...size),
      chain: { experimentId: "exp54", series: chainSeries(110), failure: null },
    }),
  },
  "chain-ended": {
    pane: "chain",
    state(...size) {
      const room = busyRoom(...size);
      const ended = (row: Experiment) =>
        row._id === "exp54" ? { ...row, status: "fail" as const, endedAt: nowMs } : row;
      return { ...room, experiments: { ...room.experiments, live: room.experiments.live.map(ended) } };
    },
  },
  "chain-silent": { pane: "chain", state: (...size) => withView(busyRoom(...size), { nowMs: nowMs + 3 * 3_600_000 }) },
  "chain-loss": {
    pane: "chain",
    state: (...size) => ({
      ...busyRoom(...size),
      chain: { experimentId: "exp55", series: lossSeries(), failure: null },
    }),
  },
  "chain-no-numbers": {
    pane: "chain",
    state: (...size) => ({
      ...busyRoom(...size),
      chain: { experimentId: "exp55", series: { ...lossSeries(), points: [] }, failure: null },
    }),
  },
  "chain-loading": {
    pane: "chain",
    state: (...size) => ({ ...busyRoom(...size), chain: { experimentId: "exp55", series: null, failure: null } }),
  },
  "chain-error": {
    pane: "chain",
    state: (...size) => ({ ...busyRoom(...size), chain: { experimentId: "exp55", series: null, failure: refused } }),
  },
  "chain-none": { pane: "chain", state: newRoom },
};

function withCosts(state: AppState, change: Partial<AppState["costs"]>): AppState {
  return { ...state, costs: { ...state.costs, ...change } };
}

/** Ten kinds, fifty times. */
const manyPods = Array.from({ length: 500 }, (_, number) => {
  const kind = fleet[number % fleet.length]!;
  return { ...kind, _id: `pod${number}x${number % fleet.length}`, name: `${kind.name}-${number}`, last: null };
});

const overBudget: Costs = {
  ...costs,
  summary: { ...costs.summary, totalUsd: 612.4 },
  budget: { ...costs.budget, state: "over", queuePaused: "the month's hard limit of $600.00 is reached" },
  balance: { usd: 12.1, runwayHours: 0.26, reason: null },
};

/** The provider has told of pods and of no money. */
const unknownYet: Costs = {
  ...costs,
  todayUsd: null,
  idleTodayUsd: null,
  idleMonthUsd: null,
  stoppedDiskHourlyUsd: null,
  projectedMonthUsd: null,
  billedUntil: null,
  summary: {
    ...costs.summary,
    gpuUsd: null,
    storageUsd: null,
    totalUsd: null,
    gpuHours: null,
    liveRunning: { podCount: 2, hourlyUsd: null, costUsd: null },
  },
  budget: { state: "none", monthlyUsd: null, warnUsd: null, hardLimitUsd: null, queuePaused: null },
  balance: { usd: null, runwayHours: null, reason: "the key may not read it" },
  pods: costs.pods
    .slice(0, 2)
    .map((row) => ({ ...row, todayUsd: null, monthUsd: null, gpuHours: null, idleUsd: null })),
  experiments: [],
  queues: [],
  hours: [],
  days: [],
};

const nothingRented: Costs = {
  ...unknownYet,
  summary: { ...unknownYet.summary, liveRunning: { podCount: 0, hourlyUsd: null, costUsd: null } },
  // As a lab without a price for its machine sends it.
  pods: unknownYet.pods.slice(0, 1).map((row) => ({ ...row, name: "this machine", diskUsd: null })),
};

const manyCosts: Costs = {
  ...costs,
  pods: Array.from({ length: 500 }, (_, number) => ({
    ...costs.pods[0]!,
    id: `p${number}`,
    name: `pod-${number}`,
    monthUsd: 500 - number,
  })),
};

/** One pod, the machine itself: no price, no GPU. */
function localRoom(columns: number, rows: number): AppState {
  const room = busyRoom(columns, rows);
  const [first] = room.pods.rows;
  if (first === undefined) return room;
  const local = {
    ...first,
    name: "this machine",
    provider: "local",
    gpuCount: 0,
    gpuType: "",
    costPerHourUsd: null,
    costTodayUsd: null,
  };
  return { ...room, pods: { ...room.pods, rows: [local] }, alerts: { ...room.alerts, open: [] } };
}

const hugeList = Array.from({ length: 100_000 }, (_, number) =>
  experiment(number + 1, { title: `scan point ${number + 1}` }),
);

/** Whole screens. */
export const screenScenes: Readonly<Record<string, (columns: number, rows: number) => AppState>> = {
  busy: busyRoom,
  "first-start": newRoom,
  local: localRoom,
  "log-focused": (...size) => withView(busyRoom(...size), { focus: "log" }),
  "chain-focused": (...size) => withView(busyRoom(...size), { focus: "chain" }),
  fleet: fleetRoom,
  "fleet-zoomed": (...size) => withView(fleetRoom(...size), { zoomed: true }),
  "fleet-lost-link": (...size) => {
    const room = fleetRoom(...size);
    const link = {
      state: "lost",
      since: nowMs - 42_000,
      attempt: 4,
      retryAt: null,
      reason: "connection reset",
    } as const;
    return { ...room, link: { ...room.link, link } };
  },
  "costs-focused": (...size) => withView(fleetRoom(...size), { focus: "costs" }),
  "costs-zoomed": (...size) => withView(fleetRoom(...size), { focus: "costs", zoomed: true }),
  "pods-zoomed": (...size) => withView(busyRoom(...size), { focus: "pods", zoomed: true }),
  "lost-link": (...size) => {
    const room = busyRoom(...size);
    const link = {
      state: "lost",
      since: nowMs - 42_000,
      attempt: 4,
      retryAt: nowMs + 2500,
      reason: "connection reset",
    } as const;
    return { ...room, link: { ...room.link, link } };
  },
  "last-known": (...size) => {
    const room = busyRoom(...size);
    const link = { state: "connecting", since: nowMs - 300, detail: "starting the lab" } as const;
    return { ...room, link: { ...room.link, link, fromDisk: true, savedAt: nowMs - 8 * 3_600_000 } };
  },
  "not-attached": (...size) => {
    const room = newRoom(...size);
    const link = { state: "connecting", since: nowMs - 300, detail: "starting the lab" } as const;
    return withQueue(
      { ...room, link: { ...room.link, lab: null, label: "", link }, pods: { ...room.pods, loaded: false } },
      { loaded: false },
    );
  },
  notice: (...size) => {
    const room = busyRoom(...size);
    const notice = {
      id: 1,
      tone: "bad",
      text: "Restart EXP-052 failed: 422 only a failed run can be restarted",
      at: nowMs,
    } as const;
    return { ...room, actions: { ...room.actions, notice } };
  },
};
