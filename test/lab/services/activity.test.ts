import { expect, test } from "vitest";
import { owner } from "../../../src/lab/access/actor.js";
import { ask } from "../../../src/lab/access/asking.js";
import { createActivity } from "../../../src/lab/services/activity.js";
import { openLab, outcome } from "./lab-fixture.js";

async function openActivity() {
  const lab = await openLab();
  return { ...lab, activity: createActivity(lab) };
}

const messages = ({ rows }: { rows: readonly { message: string }[] }) => rows.map(({ message }) => message);

test("what happened to an experiment reads as a story, newest first", async () => {
  const { activity, create, experiments, labId } = await openActivity();
  const { _id } = await create({ title: "a chain" });
  await experiments.claim(_id, "pod");
  await experiments.settle(_id, 1, outcome("fail", { result: "fail: exit code 3\nmore" }));
  await experiments.patch(_id, { priority: "high" });
  const page = await activity.list({ labId, limit: 10, ref: _id });
  expect(messages(page)).toEqual([
    "EXP-001 changed: priority",
    "EXP-001 failed: exit code 3",
    "EXP-001 started",
    "EXP-001 created: a chain",
  ]);
  expect(page.rows.map(({ severity }) => severity)).toEqual(["info", "error", "info", "info"]);
  expect(page.rows[0]).toMatchObject({ labId, event: "experiment.updated", actor: "lab", ref: _id });
});

test("pages follow each other without a gap, to the end", async () => {
  const { activity, create, labId } = await openActivity();
  for (let n = 0; n < 7; n++) await create();
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await activity.list({ labId, limit: 3, cursor, event: "experiment" });
    seen.push(...messages(page));
    cursor = page.nextCursor ?? undefined;
    expect(page.hasMore).toBe(cursor !== undefined);
  } while (cursor !== undefined);
  expect(seen.map((message) => message.slice(0, 7))).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `EXP-00${n}`));
});

test("a severity is searched among many, and the page says that there is more", async () => {
  const { activity, create, experiments, labId, store } = await openActivity();
  const { _id } = await create();
  await experiments.claim(_id, "pod");
  await experiments.settle(_id, 1, outcome("fail"));
  await store.change(async ({ event }) => {
    for (let n = 0; n < 6_000; n++) event("pod.updated", "p", { labId, name: "p" });
    return Promise.resolve();
  });
  const first = await activity.list({ labId, limit: 5, severity: "error" });
  expect(first).toMatchObject({ rows: [], hasMore: true });
  const second = await activity.list({ labId, limit: 5, severity: "error", cursor: first.nextCursor ?? "" });
  expect(messages(second)).toEqual(["EXP-001 failed: exit code 1"]);
  expect(second.hasMore).toBe(false);
});

test("who did it is told, and a live query hears of the next thing of its own lab only", async () => {
  const { activity, create, labId, store } = await openActivity();
  const reads = new Set<string>();
  const key = { ...owner, kind: "key" as const, name: "key ci" };
  await ask({ actor: key, need: "experiments:write" }, new Set(), () => create());
  const { rows } = await ask({ actor: owner, need: "labs:read" }, reads, () => activity.list({ labId, limit: 5 }));
  expect(rows[0]).toMatchObject({ actor: "key ci", event: "experiment.created" });
  const heard: boolean[] = [];
  store.onChange((topics) => heard.push([...reads].some((topic) => topics.has(topic))));
  await store.change(async ({ event }) => {
    event("task.created", "t", { labId: "another", title: "x" });
    return Promise.resolve();
  });
  await create();
  expect(heard).toEqual([false, true]);
});

test("a cursor of something else is refused", async () => {
  const { activity, labId } = await openActivity();
  await expect(activity.list({ labId, limit: 5, cursor: "EXP-001" })).rejects.toThrow(/^cursor: must be/);
});

test("what something is asked for by is an index, or looked at in bounded steps: nobody reads a million events", async () => {
  const { activity, create, labId, store, clock } = await openActivity();
  const { _id } = await create({ title: "the first" });
  await store.change(async ({ event }) => {
    for (let n = 0; n < 6_000; n++) event("pod.updated", "p", { labId, name: "p" });
    return Promise.resolve();
  });
  const of = (wanted: object) => activity.list({ labId, limit: 5, ...wanted });
  const created = ["EXP-001 created: the first"];
  expect(messages(await of({ event: "experiment.created" }))).toEqual(created);
  expect(messages(await of({ ref: _id, event: "experiment" }))).toEqual(created);
  expect(await of({ ref: _id, event: "experiment.failed" })).toMatchObject({ rows: [], hasMore: false });
  expect(await of({ event: "pod.trouble" })).toMatchObject({ rows: [], hasMore: false });
  const first = await of({ event: "experiment" });
  expect(first).toMatchObject({ rows: [], hasMore: true });
  expect(messages(await of({ event: "experiment", cursor: first.nextCursor ?? "" }))).toEqual(created);
  expect(await of({ since: clock.now() + 1 })).toMatchObject({ rows: [], hasMore: false });
  expect((await of({ since: clock.now() })).rows).toHaveLength(5);
});
