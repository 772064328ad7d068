import { expect, test } from "vitest";
import { type Job, noRules, type Place, type QueueRule } from "../../../src/lab/scheduler/fit.js";
import { forecast, type QueuedJob } from "../../../src/lab/scheduler/forecast.js";
import { plan } from "../../../src/lab/scheduler/plan.js";

const job = (id: string, more: Partial<QueuedJob> = {}): QueuedJob => ({
  id,
  labId: "lab",
  displayId: id.toUpperCase(),
  rank: 2,
  queue: "default:lab",
  queuePlace: 0,
  createdAt: Number(id.replace(/\D/g, "")),
  notBeforeAt: null,
  computeMode: "CPU",
  slots: 1,
  statusReason: null,
  estimatedSeconds: 10,
  pinnedPodId: null,
  ...more,
});
const place = (more: Partial<Place> = {}): Place => ({
  podId: "p",
  labId: null,
  name: "here",
  provider: "local",
  rents: false,
  region: null,
  costPerHourUsd: null,
  acceptsWork: true,
  unavailable: null,
  byHand: null,
  autoReason: null,
  slots: 2,
  slotsUsed: 0,
  idleMinutes: null,
  gpus: [],
  takesAnyGpu: false,
  takesCpuJobs: true,
  ...more,
});
/** A pod of 2.50 $/h that takes what is deployed on it. */
const rented = (podId: string, more: Partial<Place> = {}): Place =>
  place({
    podId,
    name: podId,
    provider: "runpod",
    rents: true,
    costPerHourUsd: 2.5,
    byHand: "auto-schedule is off",
    slots: 1,
    idleMinutes: 47,
    gpus: ["NVIDIA H100 80GB HBM3"],
    takesCpuJobs: false,
    ...more,
  });
const auto = { byHand: null, autoReason: "auto-schedule: idle 47 min" };
const start = (id: string, podId = "p", reason: string | null = null) => ({ type: "start", id, podId, reason });
const wait = (id: string, reason: string) => ({ type: "wait", id, reason });

const cases: [string, readonly Job[], readonly Place[], readonly object[]][] = [
  ["nothing to do", [], [place()], []],
  [
    "priority before age",
    [job("e1"), job("e2", { rank: 0 })],
    [place({ slots: 1 })],
    [start("e2"), wait("e1", "no free CPU slot")],
  ],
  [
    "age within a priority",
    [job("e3"), job("e1"), job("e2")],
    [place()],
    [start("e1"), start("e2"), wait("e3", "no free CPU slot")],
  ],
  [
    "a reason that stands is not told again",
    [job("e1", { statusReason: "no free CPU slot" })],
    [place({ slotsUsed: 2 })],
    [],
  ],
  ["several slots", [job("e1", { slots: 2 })], [place({ slotsUsed: 1 })], [wait("e1", "needs 2 CPU slots, 1 free")]],
  [
    "nobody is overtaken by a smaller job",
    [job("e1", { slots: 2 }), job("e2"), job("e3")],
    [place({ slotsUsed: 1 })],
    [wait("e1", "needs 2 CPU slots, 1 free"), wait("e2", "behind E1"), wait("e3", "behind E1")],
  ],
  [
    "what fits nowhere keeps nobody waiting",
    [job("e1", { slots: 9 }), job("e2")],
    [place()],
    [wait("e1", "needs 9 slots, the largest pod has 2"), start("e2")],
  ],
  [
    "no GPU of the kind",
    [job("e1", { computeMode: "H200" })],
    [place({ gpus: ["NVIDIA A100"] })],
    [wait("e1", "no pod with H200 here")],
  ],
  ["a fitting GPU", [job("e1", { computeMode: "H200" })], [place({ gpus: ["NVIDIA H200"] })], [start("e1")]],
  ["any GPU, by configuration", [job("e1", { computeMode: "H100" })], [place({ takesAnyGpu: true })], [start("e1")]],
  ["drained", [job("e1")], [place({ acceptsWork: false })], [wait("e1", "here is drained")]],
  ["no place at all", [job("e1")], [], [wait("e1", "no pod here")]],
  [
    "a second pod takes what the first can't",
    [job("e1", { slots: 2 }), job("e2")],
    [place({ slotsUsed: 1 }), place({ podId: "q", name: "there" })],
    [start("e1", "q"), start("e2", "p")],
  ],
  [
    "a rented pod takes nothing by itself, and the one who waits is told what to do",
    [job("e1", { computeMode: "H100" }), job("e2", { computeMode: "H100" })],
    [place(), rented("sweep-1")],
    [
      wait("e1", "waits: d on sweep-1 deploys it (idle 47 min)"),
      wait("e2", "waits: d deploys it: sweep-1 (auto-schedule is off)"),
    ],
  ],
  [
    "auto-schedule: the cheapest pod that fits, and why",
    [job("e1", { computeMode: "H100" })],
    [
      rented("dear", { ...auto, costPerHourUsd: 4 }),
      rented("unknown", { ...auto, costPerHourUsd: null }),
      rented("cheap", auto),
    ],
    [start("e1", "cheap", "auto-schedule: idle 47 min, fits H100, next by priority")],
  ],
  [
    "an own GPU before a rented one",
    [job("e1", { computeMode: "H100" })],
    [rented("cheap", auto), place({ podId: "own", provider: "ssh", gpus: ["NVIDIA H100 PCIe"] })],
    [start("e1", "own")],
  ],
  [
    "what needs no GPU stays off rented GPUs, also when nothing else is free",
    [job("e1"), job("e2")],
    [rented("cheap", auto), place({ slots: 1 })],
    [start("e1"), wait("e2", "no free CPU slot")],
  ],
  [
    "unless configured so",
    [job("e1"), job("e2")],
    [rented("cheap", { ...auto, takesCpuJobs: true }), place({ slots: 1 })],
    [start("e1"), start("e2", "cheap", "auto-schedule: idle 47 min, next by priority")],
  ],
  [
    "put on a pod: there, before all others, whatever its GPU",
    [job("e1", { computeMode: "H100", rank: 0 }), job("e2", { pinnedPodId: "q" })],
    [rented("q", auto)],
    [start("e2", "q", "deployed on q"), wait("e1", "no free slot")],
  ],
  [
    "put on a pod that is taken: it waits there, and nobody overtakes it",
    [job("e1", { computeMode: "H100" }), job("e2", { pinnedPodId: "q", computeMode: "H100" })],
    [rented("q", { ...auto, slotsUsed: 1 }), rented("other", { ...auto, costPerHourUsd: 9 })],
    [
      wait("e2", "deployed on q: no free slot"),
      start("e1", "other", "auto-schedule: idle 47 min, fits H100, next by priority"),
    ],
  ],
  [
    "put on a pod that can't run it: it waits with the reason, also while others are free",
    [job("e1", { pinnedPodId: "q" }), job("e2", { pinnedPodId: "r", slots: 3 }), job("e3", { pinnedPodId: "s" })],
    [
      place({ podId: "p" }),
      rented("q", { unavailable: "no direct ssh" }),
      rented("r"),
      place({ podId: "s", acceptsWork: false }),
    ],
    [
      wait("e1", "deployed on q: no direct ssh"),
      wait("e2", "deployed on r: needs 3 slots, it has 1"),
      wait("e3", "deployed on here: it is drained"),
    ],
  ],
  [
    "put on a rented pod that is about to stop",
    [job("e1", { pinnedPodId: "q" })],
    [rented("q", { acceptsWork: false })],
    [wait("e1", "deployed on q: it takes no work now")],
  ],
  ["put on a pod that has gone: anywhere", [job("e1", { pinnedPodId: "gone" })], [place()], [start("e1")]],
  [
    "no fitting pod can run anything now",
    [job("e1", { computeMode: "H100" })],
    [
      rented("a", { ...auto, unavailable: "comes up" }),
      rented("b", { ...auto, unavailable: "no direct ssh" }),
      rented("c", { ...auto, unavailable: "is stopped" }),
    ],
    [wait("e1", "a: comes up; b: no direct ssh; 1 more")],
  ],
];

test("while the queue is paused nothing starts, pinned or not, and nothing is proposed", () => {
  const jobs = [job("e1"), job("e2", { pinnedPodId: "q" })];
  const { decisions, proposals } = plan(jobs, [place(), rented("q")], {
    ...noRules,
    paused: () => "the budget is used up",
  });
  expect(decisions).toEqual([wait("e2", "the budget is used up"), wait("e1", "the budget is used up")]);
  expect(proposals).toEqual([]);
});

test.each(cases)("%s", (_, jobs, places, decisions) => {
  expect(plan(jobs, places).decisions).toEqual(decisions);
});

test("a queue is forecast slot by slot, and an unknown end stays unknown", () => {
  const places = [place()];
  const running = [
    { podId: "p", queue: "default:lab", slots: 1, etaAt: 5_000 },
    { podId: "p", queue: "default:lab", slots: 1, etaAt: 30_000 },
  ];
  const at = (now: number) => ({ ...noRules, now });
  const queue = [job("e1"), job("e2"), job("e3", { estimatedSeconds: null }), job("e4", { slots: 2 })];
  expect(Object.fromEntries(forecast(queue, running, places, at(1_000)))).toEqual({
    e1: { podId: "p", startAt: 5_000, endAt: 15_000 },
    e2: { podId: "p", startAt: 15_000, endAt: 25_000 },
    e3: { podId: "p", startAt: 25_000, endAt: null },
    e4: { podId: "p", startAt: null, endAt: null },
  });
  expect(forecast([job("e1")], [], [place({ acceptsWork: false })], at(0)).get("e1")).toEqual({
    podId: null,
    startAt: null,
    endAt: null,
  });
  const full = (etaAt: number | null) => [{ podId: "p", queue: "default:lab", slots: 2, etaAt }];
  expect(forecast([job("e1")], full(null), places, at(0)).get("e1")?.startAt).toBeNull();
  expect(forecast([job("e1")], full(10), places, at(500)).get("e1")?.startAt).toBe(500);
});

const nightly = { queue: "q1", queuePlace: 1 };
const queues = (more: Partial<QueueRule> = {}) => ({
  ...noRules,
  now: 1_000,
  queues: new Map([["q1", { name: "nightly", isPaused: false, concurrency: null, running: 0, ...more }]]),
});

test("priority, then the queue's place, then age decide who is first", () => {
  const jobs = [job("e1", nightly), job("e2"), job("e3", { ...nightly, rank: 0 }), job("e4")];
  const starts = plan(jobs, [place({ slots: 9 })], queues()).decisions;
  expect(starts.map(({ id }) => id)).toEqual(["e3", "e2", "e4", "e1"]);
});

test("a paused queue starts nothing and keeps no place; others go past it", () => {
  const jobs = [job("e1", { ...nightly, rank: 0, slots: 2 }), job("e2"), job("e3", { ...nightly, pinnedPodId: "p" })];
  expect(plan(jobs, [place()], queues({ isPaused: true })).decisions).toEqual([
    wait("e3", "queue nightly is paused"),
    wait("e1", "queue nightly is paused"),
    start("e2"),
  ]);
});

test("a queue starts as many as it may, with those that run", () => {
  const jobs = [job("e1", nightly), job("e2", nightly), job("e3", nightly), job("e4")];
  expect(plan(jobs, [place({ slots: 9 })], queues({ concurrency: 2, running: 1 })).decisions).toEqual([
    start("e4"),
    start("e1"),
    wait("e2", "queue nightly runs 2 at most"),
    wait("e3", "queue nightly runs 2 at most"),
  ]);
});

test("a retry is not due before its moment, and its own words stay", () => {
  const told = "retries at 00:00:02 UTC (attempt 2 of 3)";
  const waiting = job("e1", { notBeforeAt: 2_000, statusReason: told });
  expect(plan([waiting, job("e2")], [place({ slots: 1 })], queues()).decisions).toEqual([start("e2")]);
  expect(plan([{ ...waiting, statusReason: "no free CPU slot" }], [], queues()).decisions).toEqual([
    wait("e1", "retries at 00:00:02 UTC"),
  ]);
  expect(plan([waiting], [place()], { ...queues(), now: 2_000 }).decisions).toEqual([start("e1")]);
});

test("the forecast heeds pauses, the number that may run, and the pause of a retry", () => {
  const jobs = [job("e1", nightly), job("e2", nightly), job("e3", { notBeforeAt: 7_000 }), job("e4")];
  const running = [{ podId: "p", queue: "q1", slots: 1, etaAt: 4_000 }];
  const foreseen = (more: Partial<QueueRule>) =>
    Object.fromEntries(
      [...forecast(jobs, running, [place({ slots: 9 })], queues(more))].map(([id, { startAt }]) => [id, startAt]),
    );
  expect(foreseen({ concurrency: 1, running: 1 })).toEqual({ e1: 4_000, e2: 14_000, e3: 7_000, e4: 1_000 });
  expect(foreseen({ isPaused: true })).toEqual({ e1: null, e2: null, e3: 7_000, e4: 1_000 });
});

test("what belongs to another lab fits no place of this one, and a shared place takes it", () => {
  const foreign = job("e1", { labId: "other" });
  expect(plan([foreign], [place({ labId: "lab" })]).decisions).toEqual([wait("e1", "no pod here")]);
  expect(plan([foreign], [place({ labId: null })]).decisions).toEqual([start("e1")]);
});
