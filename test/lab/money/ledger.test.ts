import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { createLedger } from "../../../src/lab/money/ledger.js";
import { templates } from "../services/lab-fixture.js";
import { hourMs, midnight, minuteMs, openLedger } from "./ledger-fixture.js";
import { randomOf } from "./random.js";

const podId = "p1";

describe("the ledger", () => {
  it("pays from the first look on, at the price of the look before", async () => {
    const { addPod, look, hours } = await openLedger();
    await addPod(podId);
    await look(midnight, { podId });
    expect(await hours(podId)).toEqual([]);
    await look(midnight + minuteMs, { podId, costMicrosPerHour: 60_000_000 });
    await look(midnight + 2 * minuteMs, { podId });
    const [hour] = await hours(podId);
    expect(hour).toMatchObject({ hour_at: midnight, gpu_micros: 59_833 + 1_000_000, running_ms: 2 * minuteMs });
  });

  it("stores whole numbers", async () => {
    const { addPod, look, addRun, store } = await openLedger();
    await addPod(podId);
    await addRun(podId, midnight, null);
    for (let index = 0; index < 4; index++) await look(midnight + index * 12_345, { podId });
    const { rows } = await sql<Record<string, string>>`select typeof(p.gpu_micros) as a, typeof(p.hour_at) as b,
      typeof(p.running_ms) as c, typeof(x.micros) as d, typeof(x.gpu_ms) as e, typeof(m.at) as f
      from pod_costs p, experiment_costs x, pod_meters m`.execute(store.db);
    expect(rows).toEqual([{ a: "integer", b: "integer", c: "integer", d: "integer", e: "integer", f: "integer" }]);
  });

  it("comes to the same with many looks and with few, also when a new lab takes over in between", async () => {
    const { integer } = randomOf(7);
    const frequent = await openLedger();
    const rare = await openLedger();
    for (const lab of [frequent, rare]) {
      await lab.addPod(podId);
      await lab.look(midnight, { podId });
    }
    const end = midnight + 3 * hourMs;
    let at = midnight;
    while (at < end) {
      at = Math.min(end, at + integer(1000, 4 * minuteMs));
      await frequent.look(at, { podId });
    }
    await rare.look(midnight + hourMs + 7, { podId });
    await rare.store.change((change) =>
      createLedger({ templates }).accrue({ ...change, at: end }, [
        { podId, status: "running", costMicrosPerHour: 1, stoppedMicrosPerHour: 0, idle: null, slots: 1, gpuCount: 1 },
      ]),
    );
    expect((await rare.hours(podId)).map((row) => row.gpu_micros)).toEqual([3_590_000, 3_590_000, 3_590_000]);
    expect((await frequent.hours(podId)).map((row) => row.gpu_micros)).toEqual([3_590_000, 3_590_000, 3_590_000]);
  });

  it("bridges a gap only between two looks that saw the same", async () => {
    const { addPod, look, total, hours } = await openLedger();
    for (const id of ["runs", "stopped", "stopping", "starting"]) await addPod(id);
    const day = midnight + 24 * hourMs;
    await look(
      midnight,
      { podId: "runs", idle: true },
      { podId: "stopped", status: "stopped" },
      { podId: "stopping" },
      { podId: "starting", status: "stopped" },
    );
    await look(
      day,
      { podId: "runs", idle: true },
      { podId: "stopped", status: "stopped" },
      { podId: "stopping", status: "stopped" },
      { podId: "starting" },
    );
    expect(await total("runs")).toEqual({ gpu: 24 * 3_590_000, disk: 0, idle: 0, unknown: 0 });
    expect(await hours("runs")).toHaveLength(24);
    expect(await total("stopped")).toEqual({ gpu: 0, disk: 24 * 27_397, idle: 0, unknown: 0 });
    expect(await total("stopping")).toEqual({ gpu: 0, disk: 0, idle: 0, unknown: 24 * hourMs });
    expect(await total("starting")).toEqual({ gpu: 0, disk: 0, idle: 0, unknown: 24 * hourMs });
  });

  it("takes a state to have lasted until the next look", async () => {
    const { addPod, look, total } = await openLedger();
    await addPod(podId);
    await look(midnight, { podId, status: "creating" });
    await look(midnight + minuteMs, { podId });
    expect(await total(podId)).toMatchObject({ gpu: null });
    await look(midnight + 2 * minuteMs, { podId, status: "stopped" });
    await look(midnight + 3 * minuteMs, { podId, status: "terminated" });
    await look(midnight + 4 * minuteMs, { podId, status: "terminated" });
    expect(await total(podId)).toEqual({ gpu: 59_833, disk: 456, idle: 0, unknown: 0 });
  });

  it("counts what nobody knows the price of as unknown, not as free", async () => {
    const { addPod, look, hours, experiments, addRun } = await openLedger();
    await addPod(podId);
    const id = await addRun(podId, midnight, midnight + minuteMs);
    await look(midnight, { podId, costMicrosPerHour: null });
    await look(midnight + minuteMs, { podId });
    expect(await hours(podId)).toMatchObject([{ gpu_micros: 0, unknown_ms: minuteMs, running_ms: minuteMs }]);
    expect(await experiments.get(id)).toMatchObject({ costUsd: null });
  });

  it("counts as waste only what idled at both ends", async () => {
    const { addPod, look, total } = await openLedger();
    await addPod(podId);
    const idles = [true, true, null, true, true, false];
    for (const [index, idle] of idles.entries()) await look(midnight + index * minuteMs, { podId, idle });
    expect(await total(podId)).toMatchObject({ gpu: 299_166, idle: 59_833 + 59_833 });
  });

  it("pays nothing twice when the clock is set back", async () => {
    const { addPod, look, total } = await openLedger();
    await addPod(podId);
    await look(midnight, { podId });
    await look(midnight + 4 * minuteMs, { podId });
    await look(midnight + 2 * minuteMs, { podId });
    await look(midnight + 3 * minuteMs, { podId });
    expect(await total(podId)).toMatchObject({ gpu: 239_333 });
    await look(midnight + 5 * minuteMs, { podId });
    expect(await total(podId)).toMatchObject({ gpu: 299_166 });
  });

  it("knows what an experiment cost that started and ended between two looks", async () => {
    const { addPod, look, addRun, experiments, store } = await openLedger();
    await addPod(podId);
    await look(midnight, { podId, slots: 2 });
    const short = await addRun(podId, midnight + 10_000, midnight + 20_000);
    const long = await addRun(podId, midnight + 10_000, null, { command: "true", slots: 2 });
    const heard: string[] = [];
    store.onChange((topics) => heard.push(...topics));
    await look(midnight + minuteMs, { podId, slots: 2 });
    // Ten seconds of three slots wanted (a third each), then two of two.
    expect(await experiments.get(short)).toMatchObject({ costUsd: 0.003324, costEstimated: true });
    expect(await experiments.get(long)).toMatchObject({ costUsd: 0.046537 });
    expect(heard).toContain(`experiment:${short}`);
    expect(heard.filter((topic) => topic.startsWith("costs"))).toEqual(["costs", `costs:${midnight}`]);
  });

  it("tells of a running experiment every half minute, of one that ended at once", async () => {
    const { addPod, look, addRun, experiments, store } = await openLedger();
    await addPod(podId);
    await look(midnight, { podId });
    const id = await addRun(podId, midnight, null);
    await look(midnight + 5000, { podId });
    const first = (await experiments.get(id)).costUsd;
    expect(first).toBe(0.004986);
    await look(midnight + 30_000, { podId });
    expect((await experiments.get(id)).costUsd).toBe(first);
    await look(midnight + 35_000, { podId });
    expect((await experiments.get(id)).costUsd).toBe(0.034902);
    await store.db
      .updateTable("runs")
      .set({ state: "ended", ended_at: midnight + 36_000 })
      .execute();
    await look(midnight + 40_000, { podId });
    expect((await experiments.get(id)).costUsd).toBe(0.0359);
  });
});
