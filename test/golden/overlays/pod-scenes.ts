import { createLogRing } from "../../../src/app/log-ring.js";
import { type AppEvent, initialState, reduce } from "../../../src/app/store.js";
import type { Pod, StockRow } from "../../../src/contract/pod.js";
import { LabSettings } from "../../../src/contract/settings.js";
import { experiment, keymapOf, nowMs, pod, unknownCosts } from "../../app/fixtures.js";
import type { Scene } from "./scenes.js";

const place = (id: string, name: string, stock: string | null) => ({ id, name, stock });
const row = (
  name: string,
  costPerHourUsd: number | null,
  stock: string | null,
  changes: Partial<StockRow> = {},
): StockRow => ({
  provider: "runpod",
  gpuType: `NVIDIA ${name}`,
  name,
  memoryGb: 80,
  maxCount: 8,
  cloud: "SECURE",
  costPerHourUsd,
  stoppedUsdPerGbMonth: 0.2,
  stock,
  regions:
    stock === "none"
      ? []
      : [place("EU-RO-1", "Romania", stock), place("US-CA-2", "California", "low"), place("EU-SE-1", "Sweden", "low")],
  ...changes,
});

export const stock: readonly StockRow[] = [
  row("H200 SXM", 3.99, "high", { gpuType: "NVIDIA H200", memoryGb: 141 }),
  row("H100 SXM", 2.69, "medium", { gpuType: "NVIDIA H100 80GB HBM3" }),
  row("H100 PCIe", 2.39, "low", { gpuType: "NVIDIA H100 PCIe" }),
  row("H100 PCIe", 1.99, "low", { gpuType: "NVIDIA H100 PCIe", cloud: "COMMUNITY" }),
  row("A100 SXM", 1.49, "none", { gpuType: "NVIDIA A100-SXM4-80GB" }),
  row("A100 PCIe", 1.39, null, { gpuType: "NVIDIA A100 80GB PCIe" }),
  row("L40S", null, "high", { memoryGb: 48, regions: [] }),
  row("RTX 4090", 0.69, "high", { memoryGb: 24 }),
  row("RTX A6000", 0.49, "medium", { memoryGb: 48 }),
];

const rented: Partial<Pod> = {
  volumeGb: 100,
  diskGb: 50,
  stoppedCostPerMonthUsd: 20,
  createdByLab: true,
  autoStopAt: nowMs + 5 * 3_600_000,
};
const chainA = pod("chain-a", {
  ...rented,
  experiments: ["EXP-054"],
  slotsUsed: 1,
  unsynced: ["EXP-052", "EXP-053"],
});
const sweep = pod("sweep-1", {
  ...rented,
  gpuType: "H100",
  costPerHourUsd: 2.49,
  idleMinutes: 47,
  proposal: { id: "x56", experimentId: "EXP-056", reason: "fits, and waits longest" },
});
const off = pod("archive", { ...rented, status: "stopped", costPerHourUsd: 0, runningCostPerHourUsd: 4 });
const own = pod("workstation", { provider: "local", gpuType: "CPU", gpuCount: 0, costPerHourUsd: null, slots: 8 });

const base: readonly AppEvent[] = [
  {
    type: "experiments/received",
    rows: [
      experiment(54, { status: "running", title: "MCMC chain, Planck 2018 + BAO" }),
      experiment(56, { computeMode: "H100", estimatedSeconds: 2400, title: "anomaly sweep, seed 1..8" }),
      experiment(57, { computeMode: "H200", priority: "high", title: "DESI + CMB lensing" }),
      experiment(58, { title: "posterior plots", estimatedSeconds: 300 }),
    ],
  },
  { type: "experiments/selected", id: "x56" },
  { type: "pods/received", rows: [chainA, sweep, off, own] },
  {
    type: "costs/received",
    costs: {
      ...unknownCosts,
      summary: { ...unknownCosts.summary, liveRunning: { podCount: 2, hourlyUsd: 6.49, costUsd: 38.2 } },
      balance: { usd: 42.1, runwayHours: 6.5, reason: null },
    },
  },
  { type: "settings/received", settings: LabSettings.parse({ budgetMonthlyUsd: 500 }) },
];
const on = (name: string, ...more: readonly AppEvent[]): readonly AppEvent[] => [
  ...base,
  { type: "pods/selected", id: `p-${name}` },
  ...more,
];
const stocked: AppEvent = { type: "stock/received", rows: stock, at: nowMs };

/** The overlay that a command opens in this state, as the app would. */
function asked(commandId: string, events: readonly AppEvent[]): Scene {
  const view: AppEvent = { type: "view/ticked", nowMs };
  const state = [view, ...events].reduce(reduce, initialState(createLogRing()));
  const command = keymapOf().byId(commandId);
  const question = command?.confirm?.(state);
  if (question == null) throw new Error(`${commandId} asks nothing`);
  const about = { commandId, question: question.question, effect: question.effect };
  const { options, typed, details = [] } = question;
  if (options !== undefined) return { overlay: { kind: "choose", ...about, options }, events };
  if (typed !== undefined) return { overlay: { kind: "typed", ...about, details, expected: typed }, events };
  return { overlay: { kind: "confirm", ...about, details }, events };
}

/** What a person is asked about pods, and the forms. */
export const podOverlayScenes: Readonly<Record<string, Scene>> = {
  "pod-stop": asked("pods.stop", on("chain-a")),
  "pod-stop-several": asked(
    "pods.stop",
    on(
      "chain-a",
      { type: "pods/markToggled", id: "p-chain-a" },
      { type: "pods/markToggled", id: "p-sweep-1" },
      { type: "pods/markToggled", id: "p-archive" },
    ),
  ),
  "pod-start": asked("pods.start", on("archive")),
  "pod-terminate": asked("pods.terminate", on("chain-a")),
  "pod-deploy": asked("pods.deploy", on("sweep-1")),
  "pod-postpone": asked("pods.postpone", on("sweep-1")),
  "queue-deploy": asked("experiment.deploy", on("sweep-1")),
  "idle-policy": { overlay: { kind: "idlePolicy", id: "p-sweep-1" }, events: on("sweep-1") },
  "idle-policy-lab": { overlay: { kind: "idlePolicy", id: null }, events: on("workstation") },
  "new-pod": { overlay: { kind: "newPod", draft: {} }, events: on("chain-a", stocked) },
  "new-pod-loading": { overlay: { kind: "newPod", draft: {} }, events: on("chain-a", { type: "stock/asked" }) },
  "new-pod-no-key": {
    overlay: { kind: "newPod", draft: {} },
    events: on("chain-a", {
      type: "stock/failed",
      failure: {
        kind: "auth",
        message: "RunPod refuses the key (401)",
        hint: "set RUNPOD_API_KEY to one that is valid",
      },
    }),
  },
  "new-pod-no-stock": {
    overlay: { kind: "newPod", draft: { gpuType: "H100" } },
    events: on("chain-a", { type: "stock/received", at: nowMs, rows: stock.map((one) => ({ ...one, stock: "none" })) }),
  },
};
