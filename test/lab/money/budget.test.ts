import { describe, expect, it, vi } from "vitest";
import { budgetState, pauseReason } from "../../../src/lab/money/budget.js";
import { createScheduler } from "../../../src/lab/scheduler/loop.js";
import { createExperiments } from "../../../src/lab/services/experiments.js";
import type { PodsService } from "../../../src/lab/services/service.js";
import { createTemplates } from "../../../src/lab/services/templates.js";
import { pod } from "../functions/fake-services.js";
import { builtIn, templates } from "../services/lab-fixture.js";
import { hourMs, midnight, minuteMs, openLedger } from "./ledger-fixture.js";

describe("how spending stands to the budget", () => {
  const limits = { budgetMonthlyUsd: 100, budgetWarnPercent: 75, budgetHardLimitUsd: 200 };

  it.each([
    [74.999999, "ok"],
    [75, "warn"],
    [99.999999, "warn"],
    [100, "over"],
    [300, "over"],
  ])("$%s is %s", (spentUsd, state) => {
    expect(budgetState(Math.round(spentUsd * 1e6), limits)).toBe(state);
  });

  it("is nothing without a budget, and over at a hard limit alone", () => {
    const none = { ...limits, budgetMonthlyUsd: null, budgetHardLimitUsd: null };
    expect(budgetState(1e12, none)).toBe("none");
    expect(budgetState(199e6, { ...none, budgetHardLimitUsd: 200 })).toBe("ok");
    expect(budgetState(200e6, { ...none, budgetHardLimitUsd: 200 })).toBe("over");
  });

  it("pauses at the hard limit, not at the budget", () => {
    expect(pauseReason(199_999_999, limits)).toBeNull();
    expect(pauseReason(512_300_000, { ...limits, budgetHardLimitUsd: 500 })).toBe(
      "paused: budget of $500 used up ($512.30 this month)",
    );
    expect(pauseReason(1e12, { ...limits, budgetHardLimitUsd: 1234.5 })).toContain("budget of $1,234.50 used up");
    expect(pauseReason(1e12, { ...limits, budgetHardLimitUsd: null })).toBeNull();
  });
});

/** A lab whose pod costs 60 dollars an hour, with a scheduler that asks the budget. */
async function open() {
  const lab = await openLedger();
  const { store, clock, labs, budget } = lab;
  await lab.addPod("p1", { cost_per_hour_usd: 60 });
  const started: string[] = [];
  const experiments = createExperiments({
    store,
    labs,
    templates: { list: () => templates, use: createTemplates({ store, labs, builtIn }).use },
    removeLogs: () => Promise.resolve(),
  });
  const pods = { list: () => Promise.resolve([{ ...pod(lab.labId), slots: 9 }]) } as unknown as PodsService;
  const scheduler = createScheduler({
    store,
    clock,
    services: { experiments, pods },
    templates,
    takesAnyGpu: true,
    paused: budget.paused,
    launch: (experiment) => Promise.resolve(void started.push(experiment.experimentId)),
    log: (line) => expect.fail(line),
  });
  budget.start();
  scheduler.start();
  const spend = async (fromMs: number, toMs: number) => {
    for (const at of [fromMs, toMs]) await lab.look(at, { podId: "p1", costMicrosPerHour: 60_000_000 });
  };
  const close = () => Promise.all([scheduler.stop(), budget.stop()]);
  const reasonOf = async (id: string) => (await lab.experiments.get(id)).statusReason;
  return { ...lab, started, spend, close, reasonOf };
}

describe("a hard limit", () => {
  it("lets nothing new start, says why at everything that waits, and lifts when it is raised", async () => {
    const { settings, labId, spend, create, started, reasonOf, close, events, summary, experiments } = await open();
    const running = await create();
    await vi.waitFor(() => expect(started).toEqual(["EXP-001"]));
    await settings.patch(labId, { budgetHardLimitUsd: 5 });
    await spend(midnight, midnight + 5 * minuteMs);
    const [first, second] = [await create(), await create()];
    const reason = "paused: budget of $5 used up ($5.00 this month)";
    await vi.waitFor(async () => {
      expect([await reasonOf(first._id), await reasonOf(second._id)]).toEqual([reason, reason]);
    });
    expect(started).toEqual(["EXP-001"]);
    expect((await experiments.get(running._id)).status).toBe("running");
    expect((await summary()).budget).toMatchObject({ state: "over", hardLimitUsd: 5, queuePaused: reason });
    await vi.waitFor(async () => expect(await events()).toContain("lab.queuePaused undefined"));

    await settings.patch(labId, { budgetHardLimitUsd: 50 });
    await vi.waitFor(() => expect(started).toEqual(["EXP-001", "EXP-002", "EXP-003"]));
    expect(await reasonOf(first._id)).toBeNull();
    expect((await summary()).budget).toMatchObject({ state: "ok", queuePaused: null });
    await close();
  });

  it("pauses what already waits when spending reaches it, and lifts when the month turns", async () => {
    const { settings, labId, spend, create, started, reasonOf, close, clock, budget } = await open();
    await settings.patch(labId, { budgetHardLimitUsd: 5 });
    const large = await create({ config: { command: "true", slots: 10 } });
    await vi.waitFor(async () => expect(await reasonOf(large._id)).toBe("needs 10 slots, the largest pod has 9"));
    await spend(midnight, midnight + 5 * minuteMs);
    await vi.waitFor(async () => expect(await reasonOf(large._id)).toMatch(/^paused: budget of \$5/));
    const small = await create();
    await vi.waitFor(async () => expect(await reasonOf(small._id)).toMatch(/^paused/));
    clock.at = Date.UTC(2026, 11, 1);
    await budget.look();
    await vi.waitFor(() => expect(started).toEqual(["EXP-002"]));
    expect(await reasonOf(large._id)).toBe("needs 10 slots, the largest pod has 9");
    await close();
  });

  it("writes a new sum to what waits only when it has moved", async () => {
    const { settings, labId, spend, look, budget, close } = await open();
    await settings.patch(labId, { budgetHardLimitUsd: 100 });
    await spend(midnight, midnight + 2 * hourMs);
    const reason = await budget.paused(labId);
    expect(reason).toContain("$120.00");
    await look(midnight + 2 * hourMs + 30_000, { podId: "p1", costMicrosPerHour: 60_000_000 });
    expect(await budget.paused(labId)).toBe(reason);
    await look(midnight + 2 * hourMs + minuteMs, { podId: "p1", costMicrosPerHour: 60_000_000 });
    expect(await budget.paused(labId)).toContain("$121.00");
    await close();
  });
});
