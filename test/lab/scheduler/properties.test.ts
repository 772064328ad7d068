import { expect, test } from "vitest";
import { fits, type Job, noRules, type Place } from "../../../src/lab/scheduler/fit.js";
import { forecast } from "../../../src/lab/scheduler/forecast.js";
import { type Plan, plan } from "../../../src/lab/scheduler/plan.js";

/** Numbers that look random and are the same each time. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Next = (below: number) => number;

const pick = <Any>(next: Next, values: readonly [Any, ...Any[]]): Any => values[next(values.length)] ?? values[0];

function anyPlace(next: Next, index: number): Place {
  const rents = next(2) === 0;
  const slots = 1 + next(4);
  const byHand = rents && next(2) === 0 ? "auto-schedule is off" : null;
  return {
    podId: `pod${index}`,
    labId: pick(next, [null, null, "a", "b"]),
    name: `pod${index}`,
    provider: rents ? "runpod" : pick(next, ["local", "ssh"]),
    rents,
    region: null,
    costPerHourUsd: pick(next, [null, 1.5, 2.5, 4]),
    acceptsWork: next(5) !== 0,
    unavailable: next(4) === 0 ? "no direct ssh" : null,
    byHand,
    autoReason: rents && byHand === null ? "auto-schedule" : null,
    slots,
    slotsUsed: next(slots + 1),
    idleMinutes: pick(next, [null, 0, 12]),
    gpus: pick(next, [[], ["NVIDIA H100 PCIe"], ["NVIDIA A100"], ["NVIDIA H200", "NVIDIA H200"]]),
    takesAnyGpu: next(8) === 0,
    takesCpuJobs: !rents || next(3) === 0,
  };
}

const anyJob = (next: Next, index: number, places: number): Job & { estimatedSeconds: number | null } => ({
  id: `e${index}`,
  labId: pick(next, ["a", "b"]),
  displayId: `EXP-${index}`,
  rank: next(4),
  queue: "q",
  queuePlace: 0,
  createdAt: next(20),
  notBeforeAt: null,
  computeMode: pick(next, ["CPU", "H100", "H200", "A100"]),
  slots: 1 + next(3),
  statusReason: pick(next, [null, "no free CPU slot", "no pod with H100 here"]),
  pinnedPodId: next(5) === 0 ? `pod${next(places + 1)}` : null,
  estimatedSeconds: pick(next, [null, 10, 600]),
});

interface Case {
  readonly seed: number;
  readonly jobs: readonly (Job & { estimatedSeconds: number | null })[];
  readonly places: readonly Place[];
  readonly made: Plan;
}

const cases = Array.from({ length: 400 }, (_, index): Case => {
  const next = random(index + 1);
  const places = Array.from({ length: next(6) }, (_, at) => anyPlace(next, at));
  const jobs = Array.from({ length: next(12) }, (_, at) => anyJob(next, at, places.length));
  return { seed: index + 1, jobs, places, made: plan(jobs, places) };
});

const startsOf = ({ jobs, places, made }: Case) =>
  made.decisions.flatMap((decision) => {
    if (decision.type !== "start") return [];
    const job = jobs.find(({ id }) => id === decision.id);
    const place = places.find(({ podId }) => podId === decision.podId);
    return job === undefined || place === undefined ? [] : [{ job, place, reason: decision.reason }];
  });

const broken = (isBroken: (case_: Case) => boolean) => cases.filter(isBroken).map(({ seed }) => seed);

test("no place gets more than it has room for, and nothing starts twice or where nothing can", () => {
  expect(
    broken((each) => {
      const starts = startsOf(each);
      const twice = new Set(starts.map(({ job }) => job.id)).size < starts.length;
      const isFull = each.places.some((place) => {
        const mine = starts.filter((start) => start.place === place);
        const used = mine.reduce((sum, { job }) => sum + job.slots, place.slotsUsed);
        return mine.length > 0 && (used > place.slots || place.unavailable !== null);
      });
      return twice || isFull;
    }),
  ).toEqual([]);
});

test("what somebody put on a place starts there or nowhere; a rented place that waits for a hand takes nothing else", () => {
  expect(
    broken((each) =>
      startsOf(each).some(({ job, place }) => {
        const isHere = each.places.some(({ podId }) => podId === job.pinnedPodId);
        if (isHere) return job.pinnedPodId !== place.podId;
        return place.byHand !== null || !place.acceptsWork || !fits(place, job);
      }),
    ),
  ).toEqual([]);
});

test("what starts by itself on a machine that costs money says why", () => {
  expect(broken((each) => startsOf(each).some(({ place, reason }) => place.rents && reason === null))).toEqual([]);
});

test("every job that waits has a reason, and planning again with it decides nothing more", () => {
  expect(
    broken((each) => {
      const started = new Set(startsOf(each).map(({ job }) => job.id));
      const reasons = new Map(
        each.made.decisions.flatMap((made) => (made.type === "wait" ? [[made.id, made.reason]] : [])),
      );
      const told = each.jobs.map((job) => ({ ...job, statusReason: reasons.get(job.id) ?? job.statusReason }));
      const still = told.filter(({ id }) => !started.has(id));
      const again = plan(told, each.places).decisions.filter(({ type }) => type === "wait");
      return still.some(({ statusReason }) => statusReason === null) || again.length > 0;
    }),
  ).toEqual([]);
});

test("a proposal is for a pod that is paid and free, and for something that waits and fits; none twice", () => {
  expect(
    broken((each) => {
      const started = new Set(startsOf(each).map(({ job }) => job.id));
      const pods = each.made.proposals.map(({ podId }) => podId);
      const ids = each.made.proposals.map(({ id }) => id);
      const isTwice = new Set(pods).size < pods.length || new Set(ids).size < ids.length;
      return (
        isTwice ||
        each.made.proposals.some(({ podId, id }) => {
          const place = each.places.find((place) => place.podId === podId);
          const job = each.jobs.find((job) => job.id === id);
          if (place === undefined || job === undefined || started.has(id)) return true;
          const isFree = place.rents && place.slotsUsed === 0 && place.idleMinutes !== 0 && place.unavailable === null;
          return !isFree || !fits(place, job) || job.slots > place.slots;
        })
      );
    }),
  ).toEqual([]);
});

test("the forecast starts now exactly what the plan starts on empty places, pins and all", () => {
  const wrong = cases.filter(({ jobs, places }) => {
    const empty = places.map((place) => ({ ...place, slotsUsed: 0 }));
    const starts = plan(jobs, empty).decisions.flatMap((made) => (made.type === "start" ? [made.id] : []));
    const foreseen = forecast(jobs, [], empty, { ...noRules, now: 1_000 });
    return starts.some((id) => foreseen.get(id)?.startAt !== 1_000);
  });
  expect(wrong.map(({ seed }) => seed)).toEqual([]);
});
