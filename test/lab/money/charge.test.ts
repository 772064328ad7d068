import { describe, expect, it } from "vitest";
import { hourMs } from "../../../src/core/micro-usd.js";
import { type Charges, charge, type RunSpan, type Slice } from "../../../src/lab/money/charge.js";
import { randomOf } from "./random.js";

const midnight = Date.UTC(2026, 10, 22);
const slice = (more: Partial<Slice> = {}): Slice => ({
  podId: "pod",
  fromMs: midnight,
  toMs: midnight + hourMs,
  pays: "machine",
  microsPerHour: 3_590_000,
  idle: false,
  slots: 4,
  gpuCount: 2,
  ...more,
});
const run = (experimentId: string, more: Partial<RunSpan> = {}): RunSpan => ({
  experimentId,
  fromMs: midnight,
  toMs: Infinity,
  slots: 1,
  ...more,
});
const sum = <T>(rows: readonly T[], of: (row: T) => number) => rows.reduce((total, row) => total + of(row), 0);
const gpuMicros = (charges: readonly Charges[]) =>
  sum(
    charges.flatMap(({ pods }) => pods),
    (row) => row.gpuMicros,
  );
const experimentMicros = (charges: readonly Charges[], id?: string) =>
  sum(
    charges.flatMap(({ experiments }) => experiments).filter((row) => id === undefined || row.experimentId === id),
    (row) => row.micros,
  );

describe("what a slice costs", () => {
  it("is split at the hours of UTC", () => {
    const { pods } = charge(slice({ fromMs: midnight + hourMs / 2, toMs: midnight + 2 * hourMs + hourMs / 4 }), []);
    expect(pods.map((row) => [(row.hourAt - midnight) / hourMs, row.gpuMicros, row.runningMs])).toEqual([
      [0, 1_795_000, hourMs / 2],
      [1, 3_590_000, hourMs],
      [2, 897_500, hourMs / 4],
    ]);
  });

  it("is the disk's of a stopped pod, and no experiment's", () => {
    const charges = charge(slice({ pays: "disk", microsPerHour: 27_397 }), [run("a")]);
    expect(charges.pods).toMatchObject([{ diskMicros: 27_397, gpuMicros: 0, runningMs: 0, sharedMicros: 0 }]);
    expect(charges.experiments).toEqual([]);
  });

  it("is time without money where nobody knows the price", () => {
    const charges = charge(slice({ microsPerHour: null }), [run("a")]);
    expect(charges.pods).toMatchObject([{ gpuMicros: 0, runningMs: hourMs, unknownMs: hourMs }]);
    expect(charges.experiments).toEqual([]);
  });

  it("is waste where the pod idled", () => {
    expect(charge(slice({ idle: true }), []).pods).toMatchObject([{ gpuMicros: 3_590_000, idleMicros: 3_590_000 }]);
  });
});

describe("what an experiment has of it", () => {
  it("are its slots, for the time it ran; the rest is nobody's", () => {
    const charges = charge(slice(), [
      run("half", { slots: 2, toMs: midnight + hourMs / 2 }),
      run("quarter", { fromMs: midnight + hourMs / 2 }),
      run("gone", { toMs: midnight }),
      run("later", { fromMs: midnight + hourMs }),
    ]);
    expect(charges.experiments.map(({ experimentId, micros, gpuMs }) => [experimentId, micros, gpuMs])).toEqual([
      ["half", 897_500, hourMs / 2],
      ["quarter", 448_750, hourMs / 4],
    ]);
    expect(charges.pods).toMatchObject([{ gpuMicros: 3_590_000, sharedMicros: 1_346_250, sharedGpuMs: 0.75 * hourMs }]);
  });

  it("is everything where they fill the pod, to the last micro-dollar, also with more slots than it has", () => {
    for (const slots of [3, 2]) {
      const charges = [charge(slice({ slots, microsPerHour: 1_000_000 }), [run("a"), run("b"), run("c")])];
      expect(experimentMicros(charges)).toBe(1_000_000);
      expect(experimentMicros(charges, "b")).toBeGreaterThanOrEqual(333_333);
    }
  });

  it("adds up the same however the time is sliced, and never to more than the pod costs", () => {
    for (let seed = 0; seed < 150; seed++) {
      const { integer } = randomOf(seed);
      const whole = slice({
        fromMs: midnight + integer(0, hourMs),
        toMs: midnight + hourMs + integer(1, 5 * hourMs),
        microsPerHour: integer(1, 90_000_000),
        slots: integer(1, 16),
        gpuCount: integer(0, 8),
      });
      const runs = Array.from({ length: integer(0, 6) }, (_, index) => {
        const fromMs = midnight + integer(-hourMs, 5 * hourMs);
        return run(`e${index}`, { fromMs, toMs: fromMs + integer(1, 4 * hourMs), slots: integer(1, 4) });
      });
      const cuts = Array.from({ length: integer(1, 80) }, () => integer(whole.fromMs, whole.toMs)).sort(
        (a, b) => a - b,
      );
      const moments = [whole.fromMs, ...cuts, whole.toMs];
      const slices = moments.slice(1).map((toMs, index) => ({ ...whole, fromMs: moments[index] ?? 0, toMs }));
      const inOne = [charge(whole, runs)];
      const sliced = slices.map((part) => charge(part, runs));
      expect(gpuMicros(sliced), `seed ${seed}`).toBe(gpuMicros(inOne));
      for (const { experimentId } of runs) {
        expect(experimentMicros(sliced, experimentId), `seed ${seed}`).toBe(experimentMicros(inOne, experimentId));
      }
      const shared = (charges: readonly Charges[]) =>
        sum(
          charges.flatMap(({ pods }) => pods),
          (row) => row.sharedMicros,
        );
      expect(shared(sliced)).toBe(experimentMicros(sliced));
      // One micro-dollar for every stretch of which either side is rounded.
      expect(experimentMicros(sliced)).toBeLessThanOrEqual(gpuMicros(sliced) + 2 * runs.length);
    }
  });
});
