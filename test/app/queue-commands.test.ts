import { describe, expect, it } from "vitest";
import type { AppEvent } from "../../src/app/store.js";
import { room, stateOf } from "./fixtures.js";
import { noCounts, queue } from "./queue.js";

const rows = [
  queue(0, { name: "urgent", concurrency: 1 }),
  queue(1, { name: "default", counts: { ...noCounts, running: 3 } }),
  queue(2, { name: "nightly", status: "paused", concurrency: 8 }),
];
const opened = (selected: string, ...events: readonly AppEvent[]) =>
  room(
    stateOf(
      { type: "queues/received", rows },
      { type: "view/overlayOpened", overlay: { kind: "queues" } },
      { type: "queues/selected", id: selected },
      ...events,
    ),
    {
      answers: { "queues.patch": (id, changes) => ({ ...rows.find((row) => row._id === id), ...(changes as object) }) },
    },
  );

describe("commands on the queue under the cursor", () => {
  it.each([
    ["queues.pause", "q1", { status: "paused" }, "default is paused: what runs goes on, nothing of it starts"],
    ["queues.pause", "q2", { status: "running" }, "nightly goes on"],
    ["queues.up", "q2", { place: 1 }, "nightly is one place further up"],
    ["queues.down", "q0", { place: 1 }, "urgent is one place further down"],
    ["queues.more", "q2", { concurrency: 9 }, "nightly: at most 9 at once"],
    ["queues.fewer", "q2", { concurrency: 7 }, "nightly: at most 7 at once"],
    ["queues.fewer", "q1", { concurrency: 3 }, "default: at most 3 at once"],
    ["queues.unlimited", "q2", { concurrency: null }, "nightly: as many at once as there is room for"],
  ])("%s on %s", async (command, id, changes, said) => {
    const made = opened(id);
    await made.runner.run(command);
    expect(made.fake.named("queues.patch")).toEqual([["queues.patch", id, changes]]);
    expect(made.state().actions.notice?.text).toBe(said);
    expect(made.state().queues.rows.find(({ _id }) => _id === id)).toMatchObject(changes);
  });

  it.each([
    ["queues.up", "q0", "it is the first"],
    ["queues.down", "q2", "it is the last"],
    ["queues.fewer", "q0", "it is one already: pause it"],
    ["queues.more", "q1", "it has no limit"],
  ])("%s on %s is refused", async (command, id, reason) => {
    const made = opened(id);
    await made.runner.run(command);
    expect(made.fake.named("queues.patch")).toEqual([]);
    expect(made.state().actions.notice?.text).toContain(reason);
  });
});

it("asks which queue is meant where their list is not open", async () => {
  const made = room(stateOf({ type: "queues/received", rows }));
  await made.runner.run("queues.more");
  const top = made.state().view.overlays.at(-1);
  expect(top?.kind === "choose" && top.options.map(({ label, refusal }) => [label, refusal])).toEqual([
    ["urgent", null],
    ["default", "it has no limit"],
    ["nightly", null],
  ]);
  await made.runner.answerYes("q2");
  expect(made.fake.named("queues.patch")).toEqual([["queues.patch", "q2", { concurrency: 9 }]]);
});

it("makes a queue of the name that is written, and puts the cursor on it", async () => {
  const made = room(stateOf({ type: "queues/received", rows }), {
    answers: { "queues.create": () => queue(3, { name: "weekend" }) },
  });
  await made.runner.run("queues.new");
  await made.runner.answerYes("weekend");
  expect(made.fake.named("queues.create")).toEqual([["queues.create", { name: "weekend" }]]);
  expect(made.state().queues).toMatchObject({ selectedId: "q3", rows: [...rows, { name: "weekend" }] });
});

it("is not offered without a lab", async () => {
  const made = room(
    stateOf({
      type: "link/attached",
      label: "RunPod",
      lab: stateOf().link.lab!,
      missing: { "queues.watch": "no lab" },
    }),
  );
  await made.runner.run("queues.open");
  expect(made.state().view.overlays).toEqual([]);
  expect(made.state().actions.notice?.text).toBe("Queues: no lab");
});
