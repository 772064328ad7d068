import { describe, expect, it } from "vitest";
import type { AppEvent } from "../../src/app/store.js";
import type { Experiment } from "../../src/contract/experiment.js";
import { experiment, room, stateOf } from "./fixtures.js";
import { queue } from "./queue.js";

const qc = (change: Partial<NonNullable<Experiment["qc"]>> = {}) => ({
  verdict: "fail" as const,
  checks: [],
  ...change,
});
const at = (changes: Partial<Experiment>, ...events: readonly AppEvent[]) =>
  room(
    stateOf(
      { type: "experiments/received", rows: [experiment(1, changes)] },
      { type: "experiments/selected", id: "x1" },
      ...events,
    ),
  );
const top = ({ state }: ReturnType<typeof room>) => state().view.overlays.at(-1);

describe("going on from a checkpoint", () => {
  it("resumes what failed", async () => {
    const made = at({ status: "fail", attempt: 1 });
    await made.runner.run("experiment.resume");
    expect(made.fake.named("resume")).toEqual([["resume", "x1"]]);
    expect(made.state().actions.notice?.text).toContain("goes on from its last checkpoint");
  });

  it.each([
    [{ status: "pass" }, "has passed: copy it"],
    [{ status: "running" }, "has not ended"],
    [{ status: "fail", attempt: 0 }, "was never started: restart it"],
  ] as const)("refuses %j", async (changes, reason) => {
    const made = at(changes);
    await made.runner.run("experiment.resume");
    expect(made.fake.named("resume")).toEqual([]);
    expect(made.state().actions.notice?.text).toBe(`Resume: EXP-001 ${reason}`);
  });
});

it("queues a draft", async () => {
  const made = at({ status: "draft" });
  await made.runner.run("experiment.unblock");
  expect(made.fake.named("patch")).toEqual([["patch", "x1", { status: "queued" }]]);
  expect(made.state().actions.notice?.text).toBe("EXP-001 is in the queue");
});

describe("moving to another queue", () => {
  const queues: AppEvent = {
    type: "queues/received",
    rows: [queue(0, { name: "default" }), queue(1, { name: "nightly", status: "paused" })],
  };

  it("asks which, without the one it is in", async () => {
    const made = at({ status: "blocked" }, queues);
    await made.runner.run("experiment.moveToQueue");
    const overlay = top(made);
    expect(overlay?.kind === "choose" && overlay.options.map(({ label, refusal }) => [label, refusal])).toEqual([
      ["default", "it is there"],
      ["nightly", null],
    ]);
    await made.runner.answerYes("q1");
    expect(made.fake.named("patch")).toEqual([["patch", "x1", { queue: "nightly" }]]);
  });

  it("is refused for what runs, and where there is no other", async () => {
    const running = at({ status: "running" }, queues);
    await running.runner.run("experiment.moveToQueue");
    expect(running.state().actions.notice?.text).toContain("EXP-001 is not waiting");
    const alone = at({}, { type: "queues/received", rows: [queue(0, {})] });
    await alone.runner.run("experiment.moveToQueue");
    expect(alone.state().actions.notice?.text).toContain("there is no other queue");
  });
});

describe("judging", () => {
  it("runs the checks again, and asks only where somebody has decided over them", async () => {
    const made = at({ status: "fail", attempt: 1, qc: qc() });
    await made.runner.run("experiment.rerunQc");
    expect(made.fake.named("qc.rerun")).toEqual([["qc.rerun", "x1", { clearOverride: false }]]);

    const override = { verdict: "pass" as const, note: "by hand", by: "owner", at: 1 };
    const decided = at({ status: "pass", attempt: 1, qc: qc({ override }) });
    await decided.runner.run("experiment.rerunQc");
    expect(decided.fake.named("qc.rerun")).toEqual([]);
    await decided.runner.answerYes("drop");
    expect(decided.fake.named("qc.rerun")).toEqual([["qc.rerun", "x1", { clearOverride: true }]]);
  });

  it.each([
    ["fail", "pass"],
    ["pass", "fail"],
  ] as const)("a %s becomes a %s, with the note that was written", async (verdict, other) => {
    const made = at({ status: verdict, attempt: 2, qc: qc({ verdict }) });
    await made.runner.run("experiment.overrideQc");
    expect(top(made)).toMatchObject({ kind: "write", targets: ["x1"] });
    expect(made.fake.named("qc.override")).toEqual([]);
    await made.runner.answerYes("looked at by hand");
    expect(made.fake.named("qc.override")).toEqual([
      ["qc.override", "x1", { verdict: other, note: "looked at by hand" }],
    ]);
  });

  it("judges the experiment whose detail is open, whatever is under the cursor", async () => {
    const rows = [experiment(1, { status: "queued" }), experiment(2, { status: "fail", attempt: 1 })];
    const made = room(
      stateOf(
        { type: "experiments/received", rows },
        { type: "experiments/selected", id: "x1" },
        { type: "view/overlayOpened", overlay: { kind: "experiment", id: "x2" } },
      ),
    );
    await made.runner.run("experiment.rerunQc");
    expect(made.fake.named("qc.rerun")).toEqual([["qc.rerun", "x2", { clearOverride: false }]]);
  });

  it("needs an ended run", async () => {
    const made = at({ status: "running", attempt: 1 });
    await made.runner.run("experiment.overrideQc");
    expect(made.state().actions.notice?.text).toBe("Override the verdict: EXP-001 has no ended run");
  });
});
