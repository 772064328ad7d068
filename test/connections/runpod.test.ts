import { afterEach, describe, expect, test } from "vitest";
import { connectRunpod } from "../../src/connections/runpod.js";
import type { Link } from "../../src/contract/connection.js";
import type { Pod, PodLogLine } from "../../src/contract/pod.js";
import type { ProviderState } from "../../src/contract/provider.js";
import { type Failure, toFailure } from "../../src/core/failure.js";
import { startFakeRunPod } from "../fakes/runpod/start-fake-runpod.js";
import { handTime } from "./hand-time.js";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function attached({ key }: { key?: string } = {}) {
  const startAt = Date.UTC(2026, 10, 22, 12);
  const fake = await startFakeRunPod({ clock: { now: () => startAt } });
  open.push(fake.close);
  const time = handTime(startAt, fake.control.advance);
  const connect = () => connectRunpod({ apiKey: key ?? fake.key, baseUrl: fake.url, time });
  return { control: fake.control, time, connect, fake };
}

/** A room with one running H200 of an hour's age. */
async function room() {
  const { control, time, connect, fake } = await attached();
  const id = control.addPod({
    name: "chain-a",
    gpu: { id: "NVIDIA H200", count: 1 },
    telemetry: { kind: "steady", util: 96 },
  });
  const connection = await connect();
  open.push(connection.close);
  const rows: { now: readonly Pod[] } = { now: [] };
  const links: Link[] = [];
  const failures: Failure[] = [];
  connection.pods.watch({ next: (pods) => (rows.now = pods), fail: (failure) => void failures.push(failure) });
  connection.watchLink((link) => void links.push(link));
  const pod = () => rows.now.find((one) => one.id === id);
  /** Lets the clock reach whoever sleeps, until it is so. */
  const until = async (isSo: () => boolean) => {
    await expect
      .poll(
        () => {
          if (!isSo()) time.pass(Math.max(0, time.nextInMs() ?? 0));
          return isSo();
        },
        { timeout: 10_000, interval: 15 },
      )
      .toBe(true);
  };
  return { connection, control, time, id, pod, rows, links, failures, until, fake };
}

const failureOf = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => {
      throw new Error("did not fail");
    },
    (error: unknown) => toFailure(error),
  );

test("attaching looks once: the fleet is there at once, with its telemetry, and nothing that a lab has", async () => {
  const { connection, pod, links } = await room();
  expect(pod()).toMatchObject({ name: "chain-a", status: "running", provider: "runpod", slots: 0 });
  expect(pod()?.last?.gpuUtilPercent).toBeGreaterThan(80);
  expect(pod()?.gpus).toHaveLength(1);
  expect(links.at(-1)?.state).toBe("live");
  expect(connection.missing["experiments.create"]).toBe("RunPod alone has no experiments: attach a lab");
  expect((await failureOf(connection.pods.deploy("x", "y"))).message).toContain("needs a lab");
});

test("a key RunPod does not take is no connection, and is not repeated", async () => {
  const { connect } = await attached({ key: "rpa_wrongone1" });
  const failure = await failureOf(connect());
  expect(failure).toMatchObject({ kind: "auth", status: 401 });
  expect(JSON.stringify(failure)).not.toContain("rpa_wrongone1");
});

test("polls every five seconds; what happens at RunPod is on the screen, a vanished pod stays as terminated", async () => {
  const { control, time, id, pod, until } = await room();
  expect(time.nextInMs()).toBe(5000);
  control.override(id, { name: "renamed" });
  await until(() => pod()?.name === "renamed");
  control.vanish(id);
  await until(() => pod()?.status === "terminated");
  expect(pod()).toMatchObject({ name: "renamed", statusReason: "RunPod does not know it any more" });
});

test("its one provider is as its link is", async () => {
  const { connection, control, until } = await room();
  expect(await connection.pods.providers()).toMatchObject([{ name: "runpod", label: "RunPod", state: "ok" }]);
  const seen: { now: readonly ProviderState[] } = { now: [] };
  connection.pods.watchProviders({ next: (states) => (seen.now = states), fail: () => undefined });
  expect(seen.now).toMatchObject([{ state: "ok", reason: null }]);
  control.down();
  await until(() => seen.now[0]?.state === "down");
  expect(seen.now[0]?.reason).toMatch(/^RunPod: ./);
  expect(await connection.pods.providers()).toEqual(seen.now);
});

test("a link that is lost says why and when it is tried again, keeps the rows, and comes back", async () => {
  const { control, links, rows, until } = await room();
  control.down();
  await until(() => links.at(-1)?.state === "lost");
  expect(links.at(-1)).toMatchObject({ reason: expect.stringContaining("cannot reach") as string, attempt: 1 });
  expect(rows.now).toHaveLength(1);
  control.up();
  await until(() => links.at(-1)?.state === "live");
});

test("a key that is revoked stops the polling until somebody asks again", async () => {
  const { control, connection, time, links, until, fake } = await room();
  control.key(fake.key, { revoked: true });
  await until(() => links.at(-1)?.state === "lost");
  expect(links.at(-1)).toMatchObject({ retryAt: null });
  await expect.poll(() => time.nextInMs()).toBeGreaterThan(3_600_000);
  control.key(fake.key, {});
  connection.retryNow();
  await expect.poll(() => links.at(-1)?.state).toBe("live");
});

test("polling slows down by itself where a request limit runs low, and says so", async () => {
  const { control, time, links, until } = await room();
  control.limits({ minute: 180, hour: 7200, day: 60 });
  await until(() => links.some((link) => link.state === "live" && (link.detail ?? "").startsWith("day:")));
  await expect.poll(() => time.nextInMs() ?? 0).toBeGreaterThan(60_000);
});

describe("actions are read back", () => {
  test("a stop is done when the pod has stopped, not when RunPod said 200", async () => {
    const { connection, control, id, pod, until } = await room();
    control.defaults({ stopMs: 20_000 });
    let stopped: Pod | undefined;
    void connection.pods.stop(id).then((one) => (stopped = one));
    await until(() => stopped !== undefined);
    expect(stopped).toMatchObject({ status: "stopped", costPerHourUsd: 0 });
    expect(pod()?.status).toBe("stopped");
  });

  test("a stop that RunPod takes and does not do is a failure that says that it bills on", async () => {
    const { connection, control, id, until } = await room();
    control.quirks(id, { stop: "ignored" });
    let failure: Failure | undefined;
    void failureOf(connection.pods.stop(id)).then((one) => (failure = one));
    await until(() => failure !== undefined);
    expect(failure?.message).toBe("RunPod took the stop of chain-a, but it still runs and bills");
  });

  test("a stop whose answer was lost is looked for", async () => {
    const { connection, control, id, until } = await room();
    control.fault({ method: "POST", path: "/action", lost: "after" });
    let stopped: Pod | undefined;
    void connection.pods.stop(id).then((one) => (stopped = one));
    await until(() => stopped?.status === "stopped");
  });

  test("a restart that did nothing is told by its uptime; of a stopped pod it is a start", async () => {
    const { connection, control, id, until } = await room();
    control.quirks(id, { restart: "ignored" });
    let failure: Failure | undefined;
    void failureOf(connection.pods.restart(id)).then((one) => (failure = one));
    await until(() => failure !== undefined);
    expect(failure?.message).toContain("did nothing");
    control.status(id, "EXITED");
    await connection.pods.get(id);
    await connection.pods.restart(id);
    expect(control.requests().at(-2)).toMatchObject({ method: "POST" });
    expect((await connection.pods.get(id)).status).not.toBe("stopped");
  });

  test("a locked pod is neither stopped nor terminated, and no request is sent", async () => {
    const { connection, control, id } = await room();
    expect((await connection.pods.patch(id, { locked: true })).locked).toBe(true);
    control.clearRequests();
    for (const act of ["stop", "restart", "terminate"] as const) {
      expect(await failureOf(connection.pods[act](id))).toMatchObject({
        kind: "conflict",
        hint: "unlock it first (L)",
      });
    }
    expect(control.requests()).toEqual([]);
  });

  test("terminate ends when nobody knows the pod any more", async () => {
    const { connection, control, id } = await room();
    expect((await connection.pods.terminate(id)).status).toBe("terminated");
    expect(control.pods().filter(({ status }) => status !== "TERMINATED")).toEqual([]);
  });
});

test("a new pod: unique name, shown as it comes up with the last line of its system log", async () => {
  const { connection, rows, until, control } = await room();
  control.boot({ provisioningMs: 3_600_000_000 });
  const made = await connection.pods.create({ name: "sweep", gpuType: "H100", gpuCount: 1 });
  expect(made).toMatchObject({ status: "creating", volumeGb: 50 });
  expect(made.name).toMatch(/^sweep-[a-z0-9]{4}$/);
  control.log(made.id, "system", "pulling layer 3 of 12");
  await until(() => rows.now.some(({ lastSystemLine }) => lastSystemLine === "pulling layer 3 of 12"));
  expect(await failureOf(connection.pods.create({ gpuType: "H100", maxHours: 5 }))).toMatchObject({
    kind: "unsupported",
  });
});

test("the idle clock runs on what was sampled here, and counts the dollars", async () => {
  const { control, id, pod, until } = await room();
  control.telemetry(id, {
    kind: "raw",
    runtime: { uptime: 5000, gpus: [{ util: 0, memoryUtil: 64 }], cpu: { util: 1 } },
  });
  await until(() => (pod()?.idleMinutes ?? 0) >= 1);
  expect(pod()?.idleReason).toBe("memory held, no work");
  expect(pod()?.wastedUsd).toBeCloseTo((3.59 * (pod()?.idleMinutes ?? 0)) / 60, 6);
});

test("samples are kept for the window, newest for the watcher", async () => {
  const { connection, time, id, until } = await room();
  const newest: number[] = [];
  connection.telemetry.watch({ next: (samples) => void newest.push(samples.length), fail: () => undefined });
  await until(() => newest.length >= 3);
  const window = await connection.telemetry.window({ windowMs: 900_000, points: 100, podId: id });
  expect(window.length).toBeGreaterThanOrEqual(2);
  expect(window.every(({ at, podId }) => podId === id && at <= time.now())).toBe(true);
});

test("costs: what is billed, what runs now, the balance; the pods show theirs", async () => {
  const { connection, control } = await room();
  control.balance(100);
  control.billing({ lagMs: 0 });
  const costs = await connection.costs.get();
  expect(costs.summary).toMatchObject({ month: "2026-11", liveRunning: { podCount: 1, hourlyUsd: 3.59 } });
  // One hour of age at 3.59 $/h; the disks are in it.
  expect(costs.summary.totalUsd).toBeCloseTo(3.59, 1);
  expect(costs.balance.usd).toBeCloseTo(100, 0);
  expect(costs.balance.runwayHours).toBeGreaterThan(20);
  expect(costs.projectedMonthUsd ?? 0).toBeGreaterThan(700);
  expect((await connection.pods.list())[0]?.costMonthUsd).toBeCloseTo(3.59, 1);
});

test("a pod's log, live", async () => {
  const { connection, control, id } = await room();
  const lines: PodLogLine[] = [];
  control.log(id, "container", "one");
  const stop = connection.pods.followLog(
    id,
    { source: "container", tail: 10 },
    { next: (more) => void lines.push(...more), fail: () => undefined },
  );
  await expect.poll(() => lines.some(({ line }) => line === "one")).toBe(true);
  control.log(id, "container", "two");
  await expect.poll(() => lines.at(-1)?.line).toBe("two");
  stop();
});

test("stock of both clouds", async () => {
  const { connection } = await room();
  const rows = await connection.pods.stock();
  expect(new Set(rows.map(({ cloud }) => cloud))).toEqual(new Set(["SECURE", "COMMUNITY"]));
});
