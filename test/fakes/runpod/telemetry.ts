import type { TelemetryPlan, TelemetryStep } from "./model.js";

type Utils = { util: number; memoryUtil: number }[];

/** The `runtime` of a running container without its ports, `upMs` after it came up with `gpuCount` GPUs. */
export function runtimeAt(plan: TelemetryPlan, upMs: number, gpuCount: number): unknown {
  if (plan.kind === "raw") return plan.runtime;
  const step = plan.kind === "steady" ? steadyStep(plan, upMs) : scriptStep(plan, upMs);
  const gpus: Utils = Array.from({ length: gpuCount }, (_, index) => ({
    util: nth(step.util, index),
    memoryUtil: nth(step.memoryUtil ?? 40, index),
  }));
  return {
    uptime: Math.floor(upMs / 1000),
    ...(gpuCount === 0 ? {} : { gpus }),
    cpu: { util: step.cpuUtil ?? 10 },
    memory: { util: step.hostMemoryUtil ?? 20 },
  };
}

/** A wobble of ±3 points with the minute, so that charts have a shape and tests the same one each time. */
function steadyStep(plan: Extract<TelemetryPlan, { kind: "steady" }>, upMs: number): TelemetryStep {
  const wobble = plan.util === 0 ? 0 : Math.round(3 * Math.sin(upMs / 60_000));
  return {
    forMs: 0,
    util: Math.min(100, Math.max(0, plan.util + wobble)),
    memoryUtil: plan.memoryUtil ?? (plan.util === 0 ? 0 : 60),
    cpuUtil: plan.cpuUtil ?? Math.round(plan.util / 3),
    ...(plan.hostMemoryUtil === undefined ? {} : { hostMemoryUtil: plan.hostMemoryUtil }),
  };
}

const nothing: TelemetryStep = { forMs: 0, util: 0, memoryUtil: 0, cpuUtil: 0 };

function scriptStep(plan: Extract<TelemetryPlan, { kind: "script" }>, upMs: number): TelemetryStep {
  const whole = plan.steps.reduce((sum, step) => sum + step.forMs, 0);
  let left = plan.loop === true && whole > 0 ? upMs % whole : upMs;
  for (const step of plan.steps) {
    if (left < step.forMs) return step;
    left -= step.forMs;
  }
  return plan.steps.at(-1) ?? nothing;
}

const nth = (value: number | readonly number[], index: number): number =>
  typeof value === "number" ? value : (value[index] ?? 0);
