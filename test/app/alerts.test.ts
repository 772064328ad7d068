import { describe, expect, it } from "vitest";
import { alertCauses } from "../../src/app/alerts/rules.js";
import type { AppEvent } from "../../src/app/store.js";
import type { Costs } from "../../src/contract/cost.js";
import type { MetricPoint } from "../../src/contract/metrics.js";
import { LabSettings } from "../../src/contract/settings.js";
import { experiment, lostLink, nowMs, pod, sample, stateOf, unknownCosts } from "./fixtures.js";

const causes = (...events: AppEvent[]) =>
  alertCauses(stateOf(...events)).map(({ severity, key, text }) => `${severity} ${key} | ${text}`);
const withRows = (...rows: ReturnType<typeof experiment>[]): AppEvent => ({ type: "experiments/received", rows });
const withPods = (...rows: ReturnType<typeof pod>[]): AppEvent => ({ type: "pods/received", rows });

describe("alert rules on money", () => {
  const summary = { ...unknownCosts.summary, totalUsd: 412 };
  const withBudget = (budget: Partial<Costs["budget"]>, balance: Partial<Costs["balance"]> = {}): AppEvent => ({
    type: "costs/received",
    costs: {
      ...unknownCosts,
      summary,
      budget: { ...unknownCosts.budget, monthlyUsd: 500, warnUsd: 400, ...budget },
      balance: { ...unknownCosts.balance, ...balance },
    },
  });

  it("warn of the budget, and are critical about what is over it or stands still for it", () => {
    expect(causes(withBudget({ state: "ok" }))).toEqual([]);
    expect(causes(withBudget({ state: "warn" }))).toEqual([
      "warning budget.warn | the month has cost ~$412.00 of $500.00; warned from $400.00 on",
    ]);
    expect(causes(withBudget({ state: "over", monthlyUsd: 400, queuePaused: "hard limit of $410" }))).toEqual([
      "critical budget.paused | the queue is paused: hard limit of $410",
      "critical budget.over | the month has cost ~$412.00, over its budget of $400.00",
    ]);
  });

  it("tell a low balance from one that is nearly used up, and say nothing of an unknown one", () => {
    const balance = (runwayHours: number | null) => causes(withBudget({}, { usd: 20, runwayHours }));
    expect([balance(null), balance(25)]).toEqual([[], []]);
    expect(balance(6)).toEqual([
      "warning balance.low | the balance of $20.00 lasts 6 h at this burn, then every pod stops",
    ]);
    expect(balance(3.9)[0]).toMatch(/^critical balance.low/);
  });
});

describe("alert rules on pods", () => {
  it("say what is wrong with a pod, and that it bills", () => {
    const trouble = (code: string) => ({ code, message: `it has ${code}` });
    const rows = [
      pod("a", { trouble: trouble("zeroGpu") }),
      pod("b", { trouble: trouble("noSshd"), costPerHourUsd: null }),
      pod("c", { trouble: trouble("zeroGpu"), status: "terminated" }),
    ];
    expect(causes(withPods(...rows))).toEqual([
      "critical pod.trouble.zeroGpu:p-a | a: it has zeroGpu; bills $4.00/h",
      "warning pod.trouble.noSshd:p-b | b: it has noSshd",
    ]);
  });

  it("are one alert for a provider that does not answer", () => {
    const down = { trouble: { code: "providerDown", message: "503 for 6 min" } };
    expect(causes(withPods(pod("a", down), pod("b", down)))).toEqual([
      "critical provider.down:runpod | runpod does not answer, 2 pods: 503 for 6 min",
    ]);
  });

  it("name a provider that is down with its own words, also without pods; while the link is lost nobody knows", () => {
    const down = {
      name: "runpod",
      label: "RunPod",
      state: "down",
      since: nowMs,
      reason: "RunPod refuses the key",
    } as const;
    const told: AppEvent = {
      type: "pods/providersReceived",
      providers: [down, { ...down, name: "ssh", state: "ok" }, { ...down, name: "other", state: "off" }],
    };
    const trouble = { code: "providerDown", message: "RunPod refuses the key; what is shown is of before" };
    expect(causes(told)).toEqual(["warning provider.down:runpod | RunPod refuses the key"]);
    expect(causes(told, withPods(pod("a", { trouble }), pod("b"), pod("c", { status: "terminated" })))).toEqual([
      "critical provider.down:runpod | RunPod refuses the key; 2 pods there are not watched",
    ]);
    expect(
      causes(told, { type: "link/changed", link: lostLink }).filter((cause) => cause.includes("provider")),
    ).toEqual([]);
  });

  it("warn half an hour before a pod ends by itself; critical when work ends with it", () => {
    const soon = {
      autoStopAt: nowMs + 13 * 60_000,
      maxHoursAt: nowMs + 29 * 60_000,
      maxHoursAction: "terminate",
    } as const;
    expect(causes(withPods(pod("a", soon)))).toEqual([
      "warning pod.autoStop:p-a | a is stopped in 13 min for idleness; w postpones it",
      "warning pod.maxHours:p-a | a is terminated in 29 min by its max hours",
    ]);
    expect(causes(withPods(pod("a", { ...soon, autoStopAt: null, experiments: ["EXP-001"] })))).toEqual([
      "critical pod.maxHours:p-a | a is terminated in 29 min by its max hours, EXP-001 with it",
    ]);
    expect(causes(withPods(pod("a", { autoStopAt: nowMs + 31 * 60_000 })))).toEqual([]);
    expect(causes(withPods(pod("a", { ...soon, status: "stopped" })))).toEqual([]);
  });

  it("follow the lab's own limit of idleness", () => {
    const idle = withPods(pod("a", { idleMinutes: 8, wastedUsd: 0.5 }));
    expect(causes(idle)).toEqual([]);
    const settings = LabSettings.parse({ idleAlertMinutes: 7 });
    expect(causes(idle, { type: "settings/received", settings })).toEqual([
      "warning pod.idle:p-a | a is idle for 8 min, $0.50 wasted",
    ]);
  });

  it("say what a stopped pod costs, and what is only on it", () => {
    const off = { status: "stopped" as const, unsynced: ["EXP-051"] };
    expect(causes(withPods(pod("a", { ...off, stoppedCostPerMonthUsd: 14 })))).toEqual([
      "warning pod.unsynced:p-a | outputs of EXP-051 are only on a, which is stopped; F fetches them",
      "info pod.disk:p-a | a is stopped and its disk costs $14.00 a month",
    ]);
    expect(causes(withPods(pod("a", { status: "stopped", stoppedCostPerMonthUsd: 2 })))).toEqual([]);
  });
});

describe("alert rules", () => {
  it("are quiet when all is well", () => {
    const quiet = experiment(1, { status: "running", startedAt: nowMs, metrics: { "chain.rminus1": 0.1 } });
    expect(
      causes(
        withRows(quiet, experiment(2), experiment(3, { status: "pass" })),
        withPods(pod("a", { idleMinutes: 14 })),
      ),
    ).toEqual([]);
  });

  it("tell a failed run from a failed check, from one that a person cancelled, and from one of yesterday", () => {
    const endedAt = nowMs - 1000;
    expect(
      causes(
        withRows(
          experiment(1, { status: "fail", endedAt, exitCode: 137 }),
          experiment(2, {
            status: "fail",
            endedAt,
            qc: {
              verdict: "fail",
              checks: [
                { name: "progress", ok: false, severity: "warning", reason: "40 %" },
                { name: "R-1", ok: false, reason: "0.3 > 0.01" },
              ],
            },
          }),
          experiment(3, { status: "fail", endedAt, cancelRequested: true }),
          experiment(4, { status: "fail", endedAt: nowMs - 13 * 3_600_000 }),
        ),
      ),
    ).toEqual([
      "critical experiment.failed:x1:0 | EXP-001 failed: exit code 137",
      "warning experiment.qc:x2:0 | EXP-002 failed its quality check: R-1: 0.3 > 0.01",
    ]);
  });

  it("list what waits for another below what is blocked", () => {
    const waits = experiment(1, { status: "blocked", statusReason: "waits for EXP-052" });
    const broken = experiment(2, { status: "blocked", statusReason: "EXP-051 failed" });
    expect(causes(withRows(waits, broken))).toEqual([
      "warning experiment.blocked:x2 | EXP-002 is blocked: EXP-051 failed",
      "info experiment.blocked:x1 | EXP-001 is blocked: waits for EXP-052",
    ]);
  });

  it("see chains that are not on the screen, and what they still cost", () => {
    const metrics = { "chain.converged": 1 };
    const rows = [
      experiment(1, { status: "running", podId: "p-a", metrics }),
      experiment(2, { status: "running", metrics: { "chain.stuck": 1 } }),
      experiment(3, { status: "pass", metrics }),
    ];
    expect(causes(withRows(...rows), withPods(pod("a")))).toEqual([
      "critical chain.stuck:x2 | EXP-002 is stuck: its sampler says so",
      "warning chain.converged:x1 | EXP-001 has converged, still runs and bills $4.00/h: x stops it",
    ]);
  });

  it("see on the screen's chain that it is silent, stuck early, or gets nowhere", () => {
    const point = (name: string, n: number, value: number, step = n): MetricPoint => ({
      name,
      rank: 0,
      step,
      value,
      at: nowMs - 3_600_000 + n * 60_000,
    });
    const range = Array.from({ length: 12 }, (_, n) => n);
    const open = (points: readonly MetricPoint[]): AppEvent[] => [
      withRows(experiment(1, { status: "running" })),
      { type: "chain/opened", experimentId: "x1" },
      {
        type: "chain/received",
        series: { experimentId: "x1", points: [...points], targets: { rminus1: null, rminus1_cl: null } },
      },
    ];
    expect(causes(...open(range.map((n) => point("chain.steps", n, n * 100))))).toEqual([
      "warning chain.silent:x1 | EXP-001 has printed nothing for 49 min",
    ]);
    expect(causes(...open(range.map((n) => point("chain.rminus1", n, 0.1 + n / 100))))).toContainEqual(
      "warning chain.plateau:x1 | EXP-001: R-1 has not improved over 8 tests",
    );
    const stuck = [
      ...range.map((n) => point("chain.steps", n, n * 100, 40)),
      ...range.map((n) => point("chain.accepted", n, 40)),
    ];
    expect(causes(...open(stuck))).toContainEqual(
      "warning chain.stuckEarly:x1 | EXP-001 accepts nothing on rank 0, though it steps",
    );
  });

  it("see pods that idle at a price, but not one's own machine", () => {
    const idle = { idleMinutes: 47, costPerHourUsd: 4 };
    const pods = [
      pod("a", idle),
      pod("here", { ...idle, provider: "local" }),
      pod("off", { ...idle, status: "stopped" }),
      pod("b", { idleMinutes: null }),
    ];
    expect(causes(withPods(...pods))).toEqual(["warning pod.idle:p-a | a is idle for 47 min, $3.13 wasted"]);
  });

  it("see a GPU that does nothing under a run, once it has for five minutes", () => {
    const busy = withPods(pod("a", { experiments: ["EXP-001"] }));
    const samples = (minutes: number): AppEvent => ({
      type: "telemetry/received",
      samples: Array.from({ length: minutes + 1 }, (_, n) =>
        sample("p-a", nowMs - n * 60_000, { gpuUtilPercent: 2 }),
      ).reverse(),
    });
    expect(causes(busy, samples(4))).toEqual([]);
    expect(causes(busy, samples(5))).toEqual(["warning pod.gpuIdle:p-a | a: GPU at 2 % while EXP-001 runs there"]);
    const unknown: AppEvent = {
      type: "telemetry/received",
      samples: [sample("p-a", nowMs - 400_000), sample("p-a", nowMs, { gpuUtilPercent: null })],
    };
    expect(causes(busy, unknown)).toEqual([]);
  });

  it("get worse with a lost link", () => {
    expect(causes({ type: "link/changed", link: lostLink })).toEqual([
      "warning link.lost | link lost, what is shown is 42 s old: refused",
    ]);
    const long = { ...lostLink, since: nowMs - 600_000 };
    expect(causes({ type: "link/changed", link: long })).toEqual([
      "critical link.lost | link lost, what is shown is 10 min old: refused",
    ]);
  });
});
