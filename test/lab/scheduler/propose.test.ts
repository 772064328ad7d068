import { expect, test } from "vitest";
import type { Job, Place } from "../../../src/lab/scheduler/fit.js";
import { propose } from "../../../src/lab/scheduler/propose.js";

const job = (id: string, more: Partial<Job> = {}): Job => ({
  id,
  labId: "lab",
  displayId: id.toUpperCase(),
  rank: 2,
  queue: "default:lab",
  queuePlace: 0,
  createdAt: Number(id.replace(/\D/g, "")),
  notBeforeAt: null,
  computeMode: "H100",
  slots: 1,
  statusReason: null,
  pinnedPodId: null,
  ...more,
});

const pod = (name: string, more: Partial<Place> = {}): Place => ({
  podId: name,
  labId: null,
  name,
  provider: "runpod",
  rents: true,
  region: null,
  costPerHourUsd: 2.5,
  acceptsWork: true,
  unavailable: null,
  byHand: "auto-schedule is off",
  autoReason: null,
  slots: 1,
  slotsUsed: 0,
  idleMinutes: 47.9,
  gpus: ["NVIDIA H100 80GB HBM3"],
  takesAnyGpu: false,
  takesCpuJobs: false,
  ...more,
});

const pairs = (jobs: readonly Job[], places: readonly Place[]) =>
  propose(jobs, places).map(({ podId, id }) => [podId, id]);

test("the first in the queue that fits, with the reason in words", () => {
  const jobs = [
    job("e1"),
    job("e2", { rank: 0 }),
    job("e3", { rank: 0, computeMode: "A100" }),
    job("e4", { rank: 0, slots: 2 }),
  ];
  expect(propose(jobs, [pod("sweep-1")])).toEqual([
    {
      podId: "sweep-1",
      id: "e2",
      experimentId: "E2",
      reason: "fits H100, next by priority; idle 47 min",
      waits: "waits: d on sweep-1 deploys it (idle 47 min)",
    },
  ]);
});

test("each experiment once, on the cheapest pod", () => {
  const places = [pod("dear", { costPerHourUsd: 4 }), pod("unknown", { costPerHourUsd: null }), pod("cheap")];
  expect(pairs([job("e1"), job("e2")], places)).toEqual([
    ["cheap", "e1"],
    ["dear", "e2"],
  ]);
});

test.each<[string, Partial<Place>, string | null]>([
  ["new, nothing measured", { idleMinutes: null }, "fits H100, next by priority; free"],
  ["somebody's own work on its GPU", { idleMinutes: 0 }, null],
  ["an experiment on it", { slotsUsed: 1, slots: 2 }, null],
  ["an own machine", { rents: false, provider: "ssh" }, null],
  ["no way to it", { unavailable: "no direct ssh" }, null],
  ["another GPU", { gpus: ["NVIDIA A100"] }, null],
  ["somebody else's, without work", { acceptsWork: false }, "fits H100, next by priority; idle 47 min"],
  ["somebody else's, nothing known", { acceptsWork: false, idleMinutes: null }, null],
])("%s", (_, more, reason) => {
  expect(propose([job("e1")], [pod("sweep-1", more)])[0]?.reason ?? null).toBe(reason);
});

test("a pod that somebody gave an experiment is not offered to others, and that experiment to no other pod", () => {
  const jobs = [job("e1", { pinnedPodId: "sweep-1" }), job("e2")];
  expect(pairs(jobs, [pod("sweep-1"), pod("sweep-2")])).toEqual([["sweep-2", "e2"]]);
});

test("what needs no GPU is proposed only where it may run", () => {
  expect(pairs([job("e1", { computeMode: "CPU" })], [pod("a")])).toEqual([]);
  expect(pairs([job("e1", { computeMode: "CPU" })], [pod("a", { takesCpuJobs: true })])).toEqual([["a", "e1"]]);
});
