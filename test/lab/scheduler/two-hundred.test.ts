import { expect, test } from "vitest";
import type { Experiment } from "../../../src/contract/experiment.js";
import { priorities, priorityRank } from "../../../src/contract/vocabulary.js";
import { type Job, noRules, type QueueRule } from "../../../src/lab/scheduler/fit.js";
import { createScheduler } from "../../../src/lab/scheduler/loop.js";
import { toPlace } from "../../../src/lab/scheduler/places.js";
import { plan } from "../../../src/lab/scheduler/plan.js";
import type { PodsService } from "../../../src/lab/services/service.js";
import { pod as localPod } from "../functions/fake-services.js";
import { openLab, outcome, templates } from "../services/lab-fixture.js";

/** Numbers that look random and are the same each time. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What the test itself knows of an experiment: the plan is played again from nothing but this. */
interface Known {
  readonly id: string;
  readonly displayId: string;
  readonly n: number;
  readonly queue: "default" | "nightly" | "urgent";
  readonly slots: number;
  readonly seconds: number;
  readonly waitsFor: Set<string>;
  rank: number;
  state: "waiting" | "running" | "ended";
  endsAt: number;
}

const next = random(2026);
const slots = 6;
const queues = {
  // The order in which they were made: behind `default`, each one.
  default: { place: 0, rule: { name: "default", isPaused: false, concurrency: null, running: 0 } as QueueRule },
  nightly: { place: 1, rule: { name: "nightly", isPaused: false, concurrency: 2, running: 0 } as QueueRule },
  urgent: { place: 2, rule: { name: "urgent", isPaused: false, concurrency: null, running: 0 } as QueueRule },
};

function jobOf({ id, displayId, n, queue, slots: wanted, rank }: Known, labId: string): Job {
  const where = { queue, queuePlace: queues[queue].place, pinnedPodId: null, notBeforeAt: null, statusReason: null };
  return { id, displayId, labId, rank, createdAt: n, computeMode: "CPU", slots: wanted, ...where };
}

/** What the next experiment is like. */
function anyOf(before: readonly Known[]) {
  const n = before.length;
  return {
    waitsFor: new Set(Array.from({ length: n === 0 ? 0 : next(3) }, () => before[next(n)]?.id ?? "")),
    priority: priorities[next(4)] ?? "normal",
    queue: (["default", "nightly", "urgent"] as const)[next(3)] ?? "default",
    size: 1 + next(3),
    seconds: 10 + next(600),
  };
}

test("200 experiments with dependencies, queues and random priorities start in the order that the plan explains", async () => {
  const lab = await openLab();
  const here = { ...localPod(lab.labId), slots };
  const launched: Experiment[] = [];
  const scheduler = createScheduler({
    store: lab.store,
    clock: lab.clock,
    services: { experiments: lab.experiments, pods: { list: async () => [here] } as unknown as PodsService },
    templates,
    takesAnyGpu: false,
    launch: async (experiment) => void launched.push(experiment),
    log: (line) => expect.fail(line),
  });
  const settle = async () => {
    for (let turn = 0; turn < 4; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      await scheduler.settled();
    }
  };

  await lab.queues.create({ labId: lab.labId, name: "nightly", concurrency: 2 });
  await lab.queues.create({ labId: lab.labId, name: "urgent" });
  const known: Known[] = [];
  for (let n = 0; n < 200; n++) {
    const { waitsFor, priority, queue, size, seconds } = anyOf(known);
    const config = { command: "true", slots: size };
    const { _id, experimentId } = await lab.create({ config, priority, queue, dependsOn: [...waitsFor] });
    const about = { id: _id, displayId: experimentId, n, queue, slots: size, seconds, waitsFor };
    known.push({ ...about, rank: priorityRank[priority], state: "waiting", endsAt: Infinity });
  }

  const place = toPlace(here, {
    takesAnyGpu: false,
    cpuJobsOnGpuPods: false,
    autoSchedule: () => false,
    unreachable: () => null,
  });
  if (place === null) throw new Error("no place");
  /** What the pure plan starts now, of what the test knows. */
  const explained = (): string[] => {
    const running = known.filter(({ state }) => state === "running");
    const used = running.reduce((sum, { slots: taken }) => sum + taken, 0);
    const rules = Object.entries(queues).map(([name, { rule }]): [string, QueueRule] => [
      name,
      { ...rule, running: running.filter(({ queue }) => queue === name).length },
    ]);
    const ready = known.filter(({ state, waitsFor }) => state === "waiting" && waitsFor.size === 0);
    const jobs = ready.map((each) => jobOf(each, lab.labId));
    const { decisions } = plan(jobs, [{ ...place, slotsUsed: used }], { ...noRules, queues: new Map(rules) });
    return decisions.flatMap((decision) => (decision.type === "start" ? [decision.id] : []));
  };
  const byId = new Map(known.map((each) => [each.id, each]));
  let compared = 0;
  const compare = () => {
    const wanted = explained();
    const started = launched.slice(compared).map(({ _id }) => _id);
    expect(started).toEqual(wanted);
    compared = launched.length;
    for (const id of started) {
      const each = byId.get(id);
      if (each !== undefined) Object.assign(each, { state: "running", endsAt: lab.clock.at + each.seconds * 1000 });
    }
    return started.length;
  };

  scheduler.start();
  await settle();
  expect(compare()).toBeGreaterThan(1);
  for (let ended = 0; ended < 200; ended++) {
    const running = known.filter(({ state }) => state === "running");
    const first = running.reduce((a, b) => (b.endsAt < a.endsAt ? b : a));
    lab.clock.at = Math.max(lab.clock.at + 1, first.endsAt);
    first.state = "ended";
    for (const { waitsFor } of known) waitsFor.delete(first.id);
    await lab.experiments.settle(first.id, 1, outcome("pass"));
    await settle();
    compare();
    // Somebody changes their mind now and then: what waits is ordered anew at once.
    if (ended === 30 || ended === 90) {
      queues.nightly.rule = { ...queues.nightly.rule, isPaused: ended === 30 };
      await lab.queues.patch("nightly", { status: ended === 30 ? "paused" : "running" });
    }
    const changed = known.filter(({ state }) => state === "waiting")[next(20)];
    if (ended % 7 === 3 && changed !== undefined) {
      changed.rank = next(4);
      await lab.experiments.patch(changed.id, { priority: priorities[changed.rank] });
    }
    await settle();
    compare();
  }
  expect(launched).toHaveLength(200);
  expect(new Set(launched.map(({ _id }) => _id)).size).toBe(200);
  const counts = (await lab.queues.list(lab.labId)).map((queue) => [queue.name, queue.status, queue.counts.pass]);
  const made = (queue: string) => known.filter((each) => each.queue === queue).length;
  expect(counts).toEqual(["default", "nightly", "urgent"].map((name) => [name, "complete", made(name)]));
  await scheduler.stop();
}, 120_000);
