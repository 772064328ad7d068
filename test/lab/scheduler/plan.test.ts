import { expect, test } from "vitest";
import { forecast, type QueuedJob } from "../../../src/lab/scheduler/forecast.js";
import { type Job, type Place, plan } from "../../../src/lab/scheduler/plan.js";

const job = (id: string, more: Partial<QueuedJob> = {}): QueuedJob => ({
  id,
  displayId: id.toUpperCase(),
  rank: 2,
  createdAt: Number(id.replace(/\D/g, "")),
  computeMode: "CPU",
  slots: 1,
  statusReason: null,
  estimatedSeconds: 10,
  ...more,
});
const place = (more: Partial<Place> = {}): Place => ({
  podId: "p",
  name: "here",
  acceptsWork: true,
  slots: 2,
  slotsUsed: 0,
  gpus: [],
  takesAnyGpu: false,
  ...more,
});
const start = (id: string, podId = "p") => ({ type: "start", id, podId });
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
];

test.each(cases)("%s", (_, jobs, places, decisions) => {
  expect(plan(jobs, places)).toEqual(decisions);
});

test("a queue is forecast slot by slot, and an unknown end stays unknown", () => {
  const places = [place()];
  const running = [
    { podId: "p", slots: 1, etaAt: 5_000 },
    { podId: "p", slots: 1, etaAt: 30_000 },
  ];
  const queue = [job("e1"), job("e2"), job("e3", { estimatedSeconds: null }), job("e4", { slots: 2 })];
  expect(Object.fromEntries(forecast(queue, running, places, 1_000))).toEqual({
    e1: { startAt: 5_000, endAt: 15_000 },
    e2: { startAt: 15_000, endAt: 25_000 },
    e3: { startAt: 25_000, endAt: null },
    e4: { startAt: null, endAt: null },
  });
  expect(forecast([job("e1")], [], [place({ acceptsWork: false })], 0).get("e1")).toEqual({
    startAt: null,
    endAt: null,
  });
  expect(forecast([job("e1")], [{ podId: "p", slots: 2, etaAt: null }], places, 0).get("e1")?.startAt).toBeNull();
  expect(forecast([job("e1")], [{ podId: "p", slots: 2, etaAt: 10 }], places, 500).get("e1")?.startAt).toBe(500);
});
