import { expect, test } from "vitest";
import type { Experiment, NewExperiment } from "../../../src/contract/experiment.js";
import type { Pod } from "../../../src/contract/pod.js";
import { owner } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { createScheduler, type SchedulerParts } from "../../../src/lab/scheduler/loop.js";
import type { PodsService } from "../../../src/lab/services/service.js";
import { pod as localPod } from "../functions/fake-services.js";
import { openLab, outcome, templates } from "../services/lab-fixture.js";

const direct = { host: "203.0.113.7", port: 22, username: "root", via: "direct" } as const;

/** A lab with its queue, and pods that only the test changes. Nothing runs: what is launched is noted. */
async function labWith(pods: readonly Partial<Pod>[], parts: Partial<SchedulerParts> = {}) {
  const lab = await openLab();
  const fleet = new Map<string, Pod>(
    pods.map((more, index) => {
      const id = more._id ?? `pod${index}`;
      return [id, { ...localPod(lab.labId, id), name: id, ...more }];
    }),
  );
  const reads = { count: 0 };
  const list: PodsService["list"] = async () => {
    reads.count++;
    return [...fleet.values()];
  };
  const launched: Experiment[] = [];
  const said: string[] = [];
  const scheduler = createScheduler({
    store: lab.store,
    clock: lab.clock,
    services: { experiments: lab.experiments, pods: { list } as PodsService },
    templates,
    takesAnyGpu: false,
    launch: async (experiment) => void launched.push(experiment),
    log: (line) => said.push(line),
    ...parts,
  });
  /** Until everything that was announced so far is decided. */
  const settle = async () => {
    for (let turn = 0; turn < 4; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      await scheduler.settled();
    }
  };
  const change = async (id: string, more: Partial<Pod>, topic = "pods") => {
    fleet.set(id, { ...(fleet.get(id) ?? localPod(lab.labId, id)), ...more });
    await lab.store.change(async ({ touch }) => touch(topic));
  };
  const pin = (id: string, podId: string) =>
    lab.store.change(async (change) => {
      await change.tx.updateTable("experiments").set({ pinned_pod_id: podId }).where("id", "=", id).execute();
      change.event("pod.deployed", podId, { id });
    });
  const reasonOf = async (id: string) => (await lab.experiments.get(id)).statusReason;
  const create = (more: Partial<NewExperiment> = {}) => lab.create({ estimatedSeconds: 60, ...more });
  return { ...lab, create, scheduler, settle, change, pin, reasonOf, launched, reads, said };
}

const h100: Partial<Pod> = {
  _id: "sweep-1",
  provider: "runpod",
  gpuType: "NVIDIA H100 80GB HBM3",
  gpuCount: 1,
  slots: 1,
  costPerHourUsd: 2.69,
  ssh: direct,
  idleMinutes: 47.2,
};

test("an idle rented pod is offered the next experiment that fits; what it says follows the clock of idleness", async () => {
  const lab = await labWith([h100]);
  lab.scheduler.start();
  const { _id, experimentId } = await lab.create({ computeMode: "H100" });
  await lab.settle();
  expect(lab.scheduler.proposalFor("sweep-1")).toEqual({
    id: _id,
    experimentId,
    reason: "fits H100, next by priority; idle 47 min",
  });
  expect(await lab.reasonOf(_id)).toBe("waits: d on sweep-1 deploys it (idle 47 min)");
  expect(lab.launched).toEqual([]);

  await lab.change("sweep-1", { idleMinutes: 0 }, "idle");
  await lab.settle();
  expect(lab.scheduler.proposalFor("sweep-1")).toBeNull();
  expect(await lab.reasonOf(_id)).toBe("waits: d deploys it: sweep-1 (auto-schedule is off)");
  await lab.scheduler.stop();
});

test("deployed: it starts on that pod, and the event says so; on a pod that has gone it is free again", async () => {
  const lab = await labWith([h100, { _id: "gone", status: "terminated", provider: "runpod" }]);
  const first = await lab.create({ computeMode: "H100" });
  const second = await lab.create();
  await lab.pin(first._id, "sweep-1");
  await lab.pin(second._id, "gone");
  lab.scheduler.start();
  await lab.settle();
  expect(lab.launched.map(({ _id, podId }) => [_id, podId])).toEqual([[first._id, "sweep-1"]]);
  const rows = await lab.store.db.selectFrom("experiments").select(["id", "pinned_pod_id"]).orderBy("n").execute();
  expect(rows).toEqual([
    { id: first._id, pinned_pod_id: "sweep-1" },
    { id: second._id, pinned_pod_id: null },
  ]);
  const started = await lab.store.db
    .selectFrom("events")
    .select("payload")
    .where("topic", "=", "experiment.started")
    .execute();
  expect(started.map(({ payload }) => (JSON.parse(payload) as { reason: string }).reason)).toEqual([
    "deployed on sweep-1",
  ]);
  await lab.scheduler.stop();
});

test("auto-schedule: what it starts says why, on the experiment and in its event", async () => {
  const setting = { on: false };
  const lab = await labWith([h100], { autoSchedule: () => Promise.resolve(setting.on) });
  lab.scheduler.start();
  const { _id } = await lab.create({ computeMode: "H100" });
  await lab.settle();
  expect(lab.launched).toEqual([]);
  setting.on = true;
  await lab.store.change(async ({ event }) => event("lab.settings", lab.labId, {}));
  await lab.settle();
  const why = "auto-schedule: sweep-1 idle 47 min at $2.69/h, fits H100, next by priority";
  expect(lab.launched).toMatchObject([{ _id, podId: "sweep-1", statusReason: why }]);
  const [event] = await lab.store.db
    .selectFrom("events")
    .selectAll()
    .where("topic", "=", "experiment.started")
    .execute();
  expect(JSON.parse(event?.payload ?? "{}")).toMatchObject({ podId: "sweep-1", reason: why });
  await lab.experiments.settle(_id, 1, outcome("pass"));
  expect(await lab.reasonOf(_id)).toBeNull();
  await lab.scheduler.stop();
});

test.each<[string, Partial<Pod>, string]>([
  ["comes up", { status: "creating", statusReason: "allocating" }, "sweep-1: comes up (allocating)"],
  ["no direct ssh", { ssh: { ...direct, via: "proxy" } }, "sweep-1: no direct ssh: its relay takes no commands"],
  ["no ssh at all", { ssh: null, sshReason: "no 22/tcp in its ports" }, "sweep-1: no 22/tcp in its ports"],
  ["in trouble", { trouble: { code: "diskFull", message: "its disk is full" } }, "sweep-1: its disk is full"],
  ["stopped", { status: "stopped" }, "sweep-1: is stopped"],
  ["came up without a GPU", { gpuCount: 0 }, "no pod with H100 here"],
  ["somebody works there", { idleMinutes: 0 }, "waits: d deploys it: sweep-1 (somebody works there)"],
  ["foreign and without telemetry", { idleMinutes: null }, "waits: d on sweep-1 deploys it (free)"],
])("a pod that can't take an experiment says why: %s", async (_, more, reason) => {
  const lab = await labWith([{ ...h100, ...more }], { autoSchedule: () => Promise.resolve(true) });
  const { _id } = await lab.create({ computeMode: "H100" });
  lab.scheduler.start();
  await lab.settle();
  expect(lab.launched).toEqual([]);
  expect(await lab.reasonOf(_id)).toBe(reason);
  await lab.scheduler.stop();
});

test("a paused queue starts nothing and says why; it goes on when the reason has gone", async () => {
  const budget = { reason: "the hard limit of November ($50.00) is reached" as string | null };
  const lab = await labWith([{}], { paused: () => Promise.resolve(budget.reason) });
  const { _id } = await lab.create();
  lab.scheduler.start();
  await lab.settle();
  expect(await lab.reasonOf(_id)).toBe(budget.reason);
  expect((await lab.experiments.get(_id)).etaAt).toBeNull();
  budget.reason = null;
  await lab.store.change(async ({ event }) => event("lab.settings", lab.labId, {}));
  await lab.settle();
  expect(lab.launched.map((experiment) => experiment._id)).toEqual([_id]);
  await lab.scheduler.stop();
});

test("a queue that stands writes nothing: a new experiment costs one small transaction, and the pods are not read again", async () => {
  const lab = await labWith([{ slots: 1 }]);
  for (let n = 0; n < 50; n++) await lab.create();
  lab.scheduler.start();
  await lab.settle();
  expect(lab.launched).toHaveLength(1);
  const readsBefore = lab.reads.count;
  const touched: string[][] = [];
  lab.store.onChange((topics) => touched.push([...topics].filter((topic) => topic.startsWith("experiment:"))));
  const { _id } = await lab.create();
  await lab.settle();
  expect(touched).toEqual([[`experiment:${_id}`], [`experiment:${_id}`]]);
  expect(lab.reads.count).toBe(readsBefore);
  expect(await lab.experiments.get(_id)).toMatchObject({
    statusReason: "behind EXP-002",
    etaAt: lab.clock.at + 51 * 60_000,
  });
  await lab.scheduler.stop();
});

test("a burst of new experiments is a few passes, and all are told", async () => {
  const lab = await labWith([{ slots: 1 }]);
  lab.scheduler.start();
  await lab.settle();
  const commits = { count: 0 };
  lab.store.onChange(() => commits.count++);
  const made = await Promise.all(Array.from({ length: 200 }, () => lab.create()));
  await lab.settle();
  expect(commits.count).toBeLessThan(200 + 40);
  for (const { _id } of made) {
    const { status, statusReason } = await lab.experiments.get(_id);
    expect(status === "running" || statusReason !== null).toBe(true);
  }
  expect(lab.said).toEqual([]);
  await lab.scheduler.stop();
});

test("a pod whose connection is down gets nothing, and gets it as soon as it is up", async () => {
  const link = { reason: "connects" as string | null };
  const lab = await labWith([h100], { unreachable: () => link.reason });
  const { _id } = await lab.create({ computeMode: "H100" });
  await lab.pin(_id, "sweep-1");
  lab.scheduler.start();
  await lab.settle();
  expect(lab.launched).toEqual([]);
  expect(await lab.reasonOf(_id)).toContain("connects");

  link.reason = null;
  lab.scheduler.linkChanged();
  await lab.settle();
  expect(lab.launched.map(({ podId }) => podId)).toEqual(["sweep-1"]);
  await lab.scheduler.stop();
});

test("a retry is started when its pause is over, by one alarm and without looking before", async () => {
  const alarms: { ms: number; work: () => void }[] = [];
  const later = (ms: number, work: () => void) => {
    const alarm = { ms, work };
    alarms.push(alarm);
    return () => void alarms.splice(alarms.indexOf(alarm), 1);
  };
  const lab = await labWith([{ _id: "here", slots: 1 }], { later });
  lab.scheduler.start();
  const retry = { maxAttempts: 2, backoffSeconds: 30 };
  const { _id } = await lab.create({ config: { command: "false", retry } });
  await lab.settle();
  await lab.experiments.settle(_id, 1, outcome("fail"));
  await lab.settle();
  expect(lab.launched).toHaveLength(1);
  expect(alarms.map(({ ms }) => ms)).toEqual([30_000]);
  expect(await lab.reasonOf(_id)).toMatch(/^retries at .* \(attempt 2 of 2\)$/);
  lab.clock.at += 30_000;
  alarms[0]?.work();
  await lab.settle();
  expect(lab.launched.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(alarms).toEqual([]);

  // A lab that was restarted meanwhile knows it too.
  await lab.experiments.settle(_id, 2, outcome("fail"));
  await lab.experiments.restart(_id);
  await lab.settle();
  await lab.experiments.settle(_id, 3, outcome("fail"));
  await lab.settle();
  await lab.scheduler.stop();
  expect(alarms).toEqual([]);
  const again = await anotherScheduler(lab, later);
  expect(alarms.map(({ ms }) => ms)).toEqual([30_000]);
  await again.stop();
});

/** As after a restart of the lab. */
async function anotherScheduler(lab: Awaited<ReturnType<typeof labWith>>, later: SchedulerParts["later"]) {
  const scheduler = createScheduler({
    store: lab.store,
    clock: lab.clock,
    services: { experiments: lab.experiments, pods: { list: async () => [] } as unknown as PodsService },
    templates,
    takesAnyGpu: false,
    later,
    launch: async () => undefined,
    log: () => undefined,
  });
  scheduler.start();
  await scheduler.settled();
  return scheduler;
}

test("another priority reorders what waits at once", async () => {
  const lab = await labWith([{ _id: "here", slots: 1 }]);
  const first = await lab.create();
  const [second, third] = [await lab.create(), await lab.create()];
  lab.scheduler.start();
  await lab.settle();
  expect([await lab.reasonOf(second._id), await lab.reasonOf(third._id)]).toEqual([
    "no free CPU slot",
    "behind EXP-002",
  ]);
  await lab.experiments.patch(third._id, { priority: "critical" });
  await lab.settle();
  expect([await lab.reasonOf(second._id), await lab.reasonOf(third._id)]).toEqual([
    "behind EXP-003",
    "no free CPU slot",
  ]);
  await lab.experiments.settle(first._id, 1, outcome("pass"));
  await lab.settle();
  expect(lab.launched.map(({ _id }) => _id)).toEqual([first._id, third._id]);
  await lab.scheduler.stop();
});

test("a waiting experiment is told what it will cost on the pod that it would take", async () => {
  const lab = await labWith([{ _id: "here", slots: 2, costPerHourUsd: 3 }]);
  await lab.create({ config: { command: "true", slots: 2 } });
  const half = await lab.create({ estimatedSeconds: 1200 });
  const unknown = await lab.experiments.create({ labId: lab.labId, title: "no estimate", config: { command: "true" } });
  lab.scheduler.start();
  await lab.settle();
  // A third of an hour on one slot of two.
  expect(await lab.experiments.get(half._id)).toMatchObject({ status: "queued", projectedCostUsd: 0.5 });
  expect(await lab.experiments.get(unknown._id)).toMatchObject({ projectedCostUsd: null });
  expect(await lab.queues.get("default")).toMatchObject({ totalEstimatedCostUsd: 0.5 });
  await lab.scheduler.stop();
});

test("what the scheduler does is the lab's own work, whoever wakes it", async () => {
  const lab = await labWith([{ _id: "here", slots: 1 }]);
  lab.scheduler.start();
  const { _id } = await ask({ actor: owner, need: "experiments:write" }, new Set(), () => lab.create());
  await lab.settle();
  const changes = await lab.experiments.statuses(_id);
  expect(changes.map(({ status, actor }) => `${status} by ${actor}`)).toEqual(["queued by owner", "running by lab"]);
  await lab.scheduler.stop();
});
