import { expect, test } from "vitest";
import {
  type IdleState,
  idleAt,
  maxGapMs,
  nextIdle,
  unknownIdle,
  type WorkSeen,
  wastedUsd,
  workOf,
} from "../../../src/lab/telemetry/idle.js";

const gpu = (utilPercent: number | null, memoryPercent: number | null = 0) => ({
  utilPercent,
  memoryPercent,
  temperatureC: null,
  powerW: null,
});

const seen = (more: Partial<WorkSeen> = {}): WorkSeen => ({
  at: 0,
  slotsUsed: 0,
  gpuCount: 1,
  gpus: [gpu(0)],
  gpuUtilPercent: null,
  gpuMemoryPercent: null,
  cpuPercent: 1,
  isThisMachine: false,
  upSince: null,
  maxGapMs: maxGapMs(5_000),
  ...more,
});

const minuteMs = 60_000;

test.each<[string, Partial<WorkSeen>, IdleState["work"]]>([
  ["an idle GPU and host", {}, "idle"],
  ["5 % is idle", { gpus: [gpu(5)] }, "idle"],
  ["above 5 % works", { gpus: [gpu(6)] }, "working"],
  ["one of two GPUs works", { gpuCount: 2, gpus: [gpu(0), gpu(70)] }, "working"],
  ["a GPU of which nothing is known", { gpuCount: 2, gpus: [gpu(0), gpu(null)] }, "unknown"],
  ["an unknown GPU beside one that works", { gpuCount: 2, gpus: [gpu(null), gpu(70)] }, "working"],
  ["fewer GPUs told of than there are", { gpuCount: 2, gpus: [gpu(0)] }, "unknown"],
  ["no GPU told of, the mean is low", { gpus: [], gpuUtilPercent: 0 }, "idle"],
  ["no GPU told of at all", { gpus: [] }, "unknown"],
  ["a busy host", { cpuPercent: 60 }, "working"],
  ["an unknown host", { cpuPercent: null }, "idle"],
  ["an experiment", { slotsUsed: 1 }, "working"],
  ["an experiment, nothing else known", { slotsUsed: 1, gpus: [gpu(null)] }, "working"],
  ["no GPU, a quiet host", { gpuCount: 0, gpus: [] }, "idle"],
  ["no GPU, an unknown host", { gpuCount: 0, gpus: [], cpuPercent: null }, "unknown"],
  [
    "this machine without experiments, whatever else it does",
    { isThisMachine: true, gpuCount: 0, gpus: [], cpuPercent: 99 },
    "idle",
  ],
  ["this machine, nothing known", { isThisMachine: true, gpuCount: 0, gpus: [], slotsUsed: null }, "unknown"],
])("%s", (_, more, work) => {
  expect(workOf(seen(more))).toBe(work);
});

/** Plays samples and answers the last state. */
const play = (...samples: readonly Partial<WorkSeen>[]) =>
  samples.reduce<IdleState | null>((state, sample) => nextIdle(state, seen(sample)), null);

test("an idle stretch begins with its first sample, survives one missed look, and ends at two", () => {
  expect(idleAt(play({ at: 0 }, { at: 5_000 }, { at: 15_000 }), 15_000).idleSince).toBe(0);
  expect(idleAt(play({ at: 0 }, { at: 5_000 }, { at: 20_000 }), 20_000).idleSince).toBe(20_000);
  const quiet = play({ at: 0 }, { at: 5_000 });
  expect(idleAt(quiet, 17_000)).toMatchObject({ idleSince: 0 });
  expect(idleAt(quiet, 17_001)).toEqual(unknownIdle);
});

test("work, a clock that was set back and a container that came up again begin anew", () => {
  expect(idleAt(play({ at: 0 }, { at: 5_000, gpus: [gpu(90)] }, { at: 10_000 }), 10_000).idleSince).toBe(10_000);
  expect(idleAt(play({ at: 9_000 }, { at: 5_000 }), 5_000).idleSince).toBe(5_000);
  expect(idleAt(play({ at: 0, upSince: -1 }, { at: 5_000, upSince: 1_500 }), 5_000).idleSince).toBe(0);
  expect(idleAt(play({ at: 0, upSince: -1 }, { at: 5_000, upSince: 4_000 }), 5_000).idleSince).toBe(5_000);
});

test("working is 0 minutes; memory that is held is named; the young are exempt", () => {
  expect(idleAt(play({ gpus: [gpu(80)] }), 0)).toEqual({ idleSince: null, idleMinutes: 0, idleReason: null });
  const held = play({ at: 0, gpus: [gpu(0, 60)], maxGapMs: 1e9 });
  expect(idleAt(held, 47 * minuteMs)).toEqual({ idleSince: 0, idleMinutes: 47, idleReason: "memory held, no work" });
  expect(idleAt(held, 47 * minuteMs, 48 * minuteMs)).toEqual(unknownIdle);
  expect(idleAt(held, 48 * minuteMs, 48 * minuteMs).idleMinutes).toBe(48);
  expect(idleAt(play({ gpus: [gpu(0, 2)] }), 0).idleReason).toBeNull();
  expect(idleAt(null, 0)).toEqual(unknownIdle);
});

test("an idle stretch costs what the pod costs; unknown is not zero", () => {
  const idle = { idleSince: 0, idleMinutes: 90, idleReason: null };
  expect(wastedUsd(2.5, idle)).toBe(3.75);
  expect(wastedUsd(null, idle)).toBeNull();
  expect(wastedUsd(2.5, unknownIdle)).toBeNull();
  expect(wastedUsd(2.5, { idleSince: null, idleMinutes: 0, idleReason: null })).toBeNull();
});

/** Numbers that look random and are the same each time. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Any sample that may follow one at `at`: also gaps, unknown GPUs, experiments and restarts of the container. */
function anySample(next: (below: number) => number, at: number): WorkSeen {
  const everyMs = [5_000, 15_000, 30_000][next(3)] ?? 5_000;
  const laterAt = at + ([1_000, 5_000, 15_000, 60_000, 600_000][next(5)] ?? 0);
  return seen({
    at: laterAt,
    gpuCount: 1 + next(2),
    gpus: Array.from({ length: 1 + next(2) }, () => gpu([0, 0, 0, 3, 50, null][next(6)] ?? null)),
    upSince: next(6) === 0 ? laterAt - next(4_000) : null,
    slotsUsed: next(8) === 0 ? 1 : 0,
    maxGapMs: maxGapMs(everyMs),
  });
}

/** The rule once more, as it is written: all known, all low, no experiment. */
const provesIdle = ({ slotsUsed, gpus, gpuCount }: WorkSeen) =>
  slotsUsed === 0 &&
  gpus.length >= gpuCount &&
  gpus.every(({ utilPercent }) => utilPercent !== null && utilPercent <= 5);

/** Since when the samples up to the last one prove that there was no work, by the rule as it is written. */
function provenSince(samples: readonly WorkSeen[]): number | null {
  let since: number | null = null;
  samples.forEach((sample, index) => {
    const gapMs = sample.at - (samples[index - 1]?.at ?? -Infinity);
    const isNewLife = (sample.upSince ?? -Infinity) > (since ?? Infinity) + 2_000;
    if (!provesIdle(sample)) since = null;
    else if (since === null || gapMs > sample.maxGapMs || isNewLife) since = sample.at;
  });
  return since;
}

test("whatever comes: idle time is never longer than what samples without gap, work or unknown cover", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const next = random(seed);
    const samples: WorkSeen[] = [];
    let state: IdleState | null = null;
    for (let step = 0; step < 40; step++) {
      const sample = anySample(next, samples.at(-1)?.at ?? 0);
      samples.push(sample);
      state = nextIdle(state, sample);
    }
    const at = samples.at(-1)?.at ?? 0;
    const { idleSince, idleMinutes } = idleAt(state, at);
    expect(idleSince, `seed ${seed}`).toBe(provenSince(samples));
    if (idleSince === null) expect(idleMinutes ?? 0).toBe(0);
  }
});
