import type { PodTab } from "../../../src/app/pod-tabs.js";
import type { Overlay } from "../../../src/app/slices/view.js";
import type { AppEvent } from "../../../src/app/store.js";
import type { PodLogLine } from "../../../src/contract/pod.js";
import { nowMs } from "../../app/fixtures.js";
import { costs, fleet, fleetSamples } from "../../ui/fleet.js";

interface Scene {
  readonly overlay: Overlay;
  readonly events?: readonly AppEvent[];
}

const hourMs = 3_600_000;

/** Worked a part of each day for two weeks. */
const days = Array.from({ length: 14 * 24 }, (_, hour) => ({
  ...fleetSamples["pod1"]![0]!,
  at: nowMs - (14 * 24 - hour) * hourMs,
  costPerHourUsd: hour % 24 < 6 + (Math.floor(hour / 24) % 9) ? 4 : 0,
}));

const lines: readonly PodLogLine[] = Array.from({ length: 60 }, (_, number) => {
  const isSystem = number % 7 === 0;
  const line = isSystem ? "start container" : `step ${number * 100}  loss ${(3 / (number + 1)).toFixed(4)}`;
  return { id: String(number), at: nowMs - (60 - number) * 4000, source: isSystem ? "system" : "container", line };
});

/** Masked values are the lab's own glyphs: in ASCII they would not be. */
const rows = fleet.map((pod) => ({
  ...pod,
  env: pod._id === "pod1" ? { HF_TOKEN: "****", WANDB_MODE: "offline" } : {},
}));

const opened = (id: string, tab: PodTab, ...more: readonly AppEvent[]): Scene => ({
  overlay: { kind: "pod", id, tab },
  events: [
    { type: "pods/received", rows },
    { type: "costs/received", costs },
    { type: "podDetail/opened", podId: id, tab },
    ...more,
  ],
});
const samples = (id: string): readonly AppEvent[] => [
  { type: "podDetail/samplesReceived", samples: fleetSamples[id] ?? [] },
  { type: "podDetail/daysReceived", samples: days },
];
const cut: AppEvent = { type: "podDetail/logFailed", failure: { kind: "network", message: "the stream was cut" } };

/** Each part of what is known of a pod, and the states it can be in. */
export const podDetailScenes: Readonly<Record<string, Scene>> = {
  "pod-working": opened("pod1", "overview"),
  "pod-idle": opened("pod2", "overview"),
  "pod-zero-gpu": opened("pod4", "overview"),
  "pod-stopped": opened("pod3", "overview"),
  "pod-gpus": opened("pod1", "gpus", ...samples("pod1")),
  "pod-eight-gpus": opened("pod6", "gpus", ...samples("pod6")),
  "pod-gpus-loading": opened("pod1", "gpus"),
  "pod-gpus-unknown": opened("pod5", "gpus", ...samples("pod5")),
  "pod-money": opened("pod2", "money", ...samples("pod2")),
  "pod-money-unknown": opened("pod9", "money", { type: "podDetail/daysReceived", samples: [] }),
  "pod-log": opened("pod1", "log", { type: "podDetail/logReceived", lines }),
  "pod-log-cut": opened("pod1", "log", { type: "podDetail/logReceived", lines: lines.slice(0, 9) }, cut),
  "pod-log-opening": opened("pod1", "log"),
  "pod-log-empty": opened("pod1", "log", { type: "podDetail/logReceived", lines: [] }),
};
