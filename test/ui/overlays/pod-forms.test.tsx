import { cleanup } from "ink-testing-library";
import { afterEach, describe, expect, it } from "vitest";
import type { AppEvent } from "../../../src/app/store.js";
import { LabSettings } from "../../../src/contract/settings.js";
import { FailureError } from "../../../src/core/failure.js";
import { createUiMemory } from "../../../src/ui/memory.js";
import { parseEnv } from "../../../src/ui/overlays/new-pod/env.js";
import { experiment, nowMs, pod, stateOf, unknownCosts } from "../../app/fixtures.js";
import { stock } from "../../golden/overlays/pod-scenes.js";
import { played, type StageOptions } from "./stage.js";

afterEach(cleanup);

const chainA = pod("chain-a", { createdByLab: true, costPerHourUsd: 4, autoStopAt: nowMs + 3_600_000 });
const base: readonly AppEvent[] = [
  { type: "view/resized", columns: 100, rows: 36 },
  { type: "pods/received", rows: [chainA] },
  { type: "pods/selected", id: chainA._id },
  { type: "view/focused", pane: "pods" },
  {
    type: "experiments/received",
    rows: [
      experiment(56, { computeMode: "H100", estimatedSeconds: 3600 }),
      experiment(57, { computeMode: "H100", estimatedSeconds: null, priority: "low" }),
    ],
  },
];
const costs: AppEvent = {
  type: "costs/received",
  costs: {
    ...unknownCosts,
    summary: { ...unknownCosts.summary, liveRunning: { podCount: 1, hourlyUsd: 4, costUsd: 8 } },
    balance: { usd: 42.1, runwayHours: 10, reason: null },
  },
};

async function atNewPod(options: StageOptions = {}, ...events: readonly AppEvent[]) {
  const person = played(stateOf(...base, ...events), {
    ...options,
    answers: { "pods.stock": () => stock, ...options.answers },
  });
  await person.runner.run("pods.new");
  await person.sees("any H100");
  return person;
}
const created = (person: ReturnType<typeof played>) => person.fake.named("pods.create").map(([, draft]) => draft);

describe("the form of a new pod", () => {
  it("rents what was chosen, for what was on the screen at most", async () => {
    const person = await atNewPod({}, costs);
    person.press("h200", "tab", "right", "tab", "right", "tab", "8", "tab", "right", "tab", "ctrl-u", "100");
    await person.sees("$7.98/h · $63.84 for 8 h · stopped ~$20.00 a month");
    await person.sees("balance $42.10, lasts 3 h 30 min");
    person.press("ctrl-s");
    await person.sees("Enter rents 2×H200 SXM: $7.98 an hour from now on");
    expect(created(person)).toEqual([]);
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(created(person)).toEqual([
      {
        provider: "runpod",
        gpuType: "NVIDIA H200",
        gpuCount: 2,
        cloud: "SECURE",
        regions: ["EU-RO-1"],
        volumeSize: 100,
        diskSize: 50,
        env: {},
        maxHours: 8,
        maxHoursAction: "stop",
        maxCostPerHourUsd: 7.98,
      },
    ]);
    expect(person.state().pods.selectedId).toBe("p-new");
  });

  it("says what the planned experiment would cost, from the cheapest to the dearest of a family", async () => {
    const person = await atNewPod();
    await person.sees("~$2.39–$2.69 for EXP-056 (1 h) · balance –");
    person.press("l40s");
    await person.sees("–/h · no end set");
    person.press("ctrl-u", "nothing");
    await person.sees("Nothing is named nothing");
    person.press("ctrl-s", "enter");
    await person.sees("One field needs a change first");
    expect(created(person)).toEqual([]);
  });

  it("never takes more than the arrows and Enter of one field: a held Enter goes through all of them first", async () => {
    const person = await atNewPod();
    person.press(...Array<string>(9).fill("enter"));
    await person.until(() => person.text().includes("▸ Env"));
    expect(created(person)).toEqual([]);
  });

  it("shows what the provider said, in full, and keeps the draft", async () => {
    const message = "no capacity: tried NVIDIA H100 80GB HBM3 in EU-RO-1 and US-CA-2, NVIDIA H100 PCIe in EU-SE-1";
    const refuse = () => {
      throw new FailureError({ kind: "conflict", message, hint: "choose another GPU" });
    };
    const memory = createUiMemory();
    const person = await atNewPod({ memory, answers: { "pods.create": refuse } });
    person.press("h100", "ctrl-s", "shift-tab", "shift-tab", "my-pod", "ctrl-s", "enter");
    await person.sees("Not created: no capacity: tried NVIDIA H100 80GB HBM3");
    await person.sees("choose another GPU");
    expect(person.top()).toBe("newPod");
    person.press("esc");
    await person.until(() => person.top() === null);
    expect(memory.read().unsentPod).toMatchObject({ filter: "h100", texts: { name: "my-pod" } });
    await person.runner.run("pods.new");
    await person.sees("my-pod");
  });

  it("asks for stock again, and says so when nothing is in stock anywhere", async () => {
    let rows = stock;
    const person = await atNewPod({ answers: { "pods.stock": () => rows } });
    rows = stock.map((row) => ({ ...row, stock: "none" }));
    person.press("ctrl-r");
    await person.sees("NO STOCK ANYWHERE NOW");
    expect(person.fake.named("pods.stock")).toHaveLength(2);
  });

  it.each([
    ["A=1 B=two", { A: "1", B: "two" }],
    [`A="x y" B='' C=a=b`, { A: "x y", B: "", C: "a=b" }],
    ["", {}],
    ["A", "not KEY=value: A"],
    ["1A=2", "not KEY=value: 1A=2"],
    [`A="x`, `not KEY=value: A="x`],
  ])("reads variables: %s", (text, env) => {
    expect(parseEnv(text)).toEqual(env);
  });
});

describe("the idle policy", () => {
  const settings = LabSettings.parse({ budgetMonthlyUsd: 500 });
  async function atPolicy(options: StageOptions = {}) {
    const person = played(stateOf(...base), {
      ...options,
      answers: { "settings.get": () => settings, ...options.answers },
    });
    await person.runner.run("pods.idlePolicy");
    await person.sees("Auto-schedule");
    return person;
  }

  it("saves only what was changed, the pod's own rule apart", async () => {
    const person = await atPolicy();
    await person.sees("Idle, chain-a costs $4.00/h: $24.00 until it stops after 6 h");
    person.press(
      "right",
      "right",
      "right",
      "tab",
      "tab",
      "ctrl-u",
      "tab",
      "tab",
      "right",
      "tab",
      "ctrl-u",
      "650",
      "tab",
      "tab",
      "tab",
    );
    await person.sees("Enter saves 4 changes");
    await person.sees("Idle, chain-a costs $4.00/h until someone stops it");
    person.press("enter");
    await person.until(() => person.top() === null);
    expect(person.fake.named("pods.patch")).toEqual([["pods.patch", "p-chain-a", { autoStop: false }]]);
    expect(person.fake.named("settings.patch")).toEqual([
      ["settings.patch", { autoStopIdleHours: null, autoScheduleEnabled: true, budgetMonthlyUsd: 650 }],
    ]);
    expect(person.state().actions.notice?.text).toBe("the idle policy is saved");
  });

  it("says what is wrong beside the field, and sends nothing", async () => {
    const person = await atPolicy();
    person.press("tab", "ctrl-u", "0", "shift-tab", "shift-tab");
    await person.sees("whole minutes above 0");
    person.press("enter");
    await person.sees("▸ Idle alert");
    expect(person.fake.named("settings.patch")).toEqual([]);
  });

  it("keeps what was typed when the lab refuses", async () => {
    const person = await atPolicy({
      answers: {
        "settings.patch"() {
          throw new FailureError({ kind: "invalid", message: "a hard limit below the budget" });
        },
      },
    });
    person.press("tab", "ctrl-u", "20", "shift-tab", "shift-tab", "enter");
    await person.sees("Not saved: a hard limit below the budget");
    expect(person.text()).toContain("20");
  });
});

describe("choosing and asking", () => {
  it("takes the chosen option with Enter, and not one that says why it can't be", async () => {
    const person = played(stateOf(...base));
    await person.runner.run("pods.postpone");
    await person.sees("1 h later");
    person.press("down", "enter");
    await person.until(() => person.top() === null);
    expect(person.fake.named("pods.patch")).toEqual([
      ["pods.patch", "p-chain-a", { postponeAutoStopUntil: nowMs + 7 * 3_600_000 }],
    ]);
  });

  it("refuses what is refused", async () => {
    const mixed = stateOf(...base, {
      type: "experiments/received",
      rows: [experiment(58), experiment(56, { computeMode: "H100" })],
    });
    const person = played(mixed);
    await person.runner.run("pods.deploy");
    await person.sees("EXP-058");
    person.press("down", "enter");
    await person.sees("Not now: asks for H100, chain-a has H200");
    expect([person.top(), person.fake.named("pods.deploy")]).toEqual(["choose", []]);
  });

  it("does a thing to a pod by its name, with its question", async () => {
    const other = pod("sweep-1", { createdByLab: true });
    const person = played(stateOf(...base, { type: "pods/received", rows: [chainA, other] }));
    await person.runner.run("app.palette");
    person.press("stop sweep");
    await person.sees("Stop sweep-1");
    person.press("enter");
    await person.sees("Stop sweep-1?");
    expect(person.state().pods.selectedId).toBe("p-sweep-1");
    person.press("y");
    await person.until(() => person.fake.named("stop").length === 1);
    expect(person.fake.named("stop")).toEqual([["stop", "p-sweep-1"]]);
  });

  it("scrolls a question that is taller than the screen", async () => {
    const person = played(stateOf(...base, { type: "view/resized", columns: 60, rows: 9 }));
    await person.runner.run("pods.stop");
    await person.sees("more lines below");
    person.press(...Array<string>(12).fill("down"));
    await person.sees("others can");
    person.press("y");
    await person.until(() => person.fake.named("stop").length === 1);
  });
});
