import fc from "fast-check";
import { expect, test } from "vitest";
import { Task, TaskReview, type TaskStatus, taskMoves } from "../../../src/contract/task.js";
import { taskStatuses } from "../../../src/contract/vocabulary.js";
import { asKeyOf, isRefused, openResearch } from "./research-fixture.js";

test("a task is made with a number of its own, found by both ids, and told", async () => {
  const { tasks, task, labId, create, agent, told } = await openResearch();
  await create({ experimentId: "EXP-054" });
  const alpha = await agent("alpha");
  const made = await task({ priority: "urgent", assignedTo: "alpha", experimentId: "exp-054", dueDate: 1.8e12 });
  expect(Task.parse(made)).toEqual(made);
  expect(made).toMatchObject({
    labId,
    taskId: "T-001",
    status: "backlog",
    assignedTo: alpha._id,
    experimentId: "EXP-054",
    completedAt: null,
    createdBy: "lab",
  });
  for (const ref of [made._id, "T-001", "t-001"]) expect(await tasks.get(ref)).toEqual(made);
  expect((await told("task")).map((event) => [event.topic, event["displayId"]])).toEqual([
    ["task.created", "T-001"],
    ["task.assigned", "T-001"],
  ]);
  await tasks.remove("T-001");
  expect((await task()).taskId).toBe("T-002");
});

test.each([
  [{ title: " " }, /^title: /],
  [{ priority: "critical" as never }, /^priority: .*urgent/],
  [{ assignedTo: "nobody" }, /^assignedTo: nobody is no agent of this lab .*captain/],
  [{ experimentId: "EXP-999" }, /^experimentId: experiment EXP-999 does not exist/],
  [{ dueDate: 1_800_000_000 }, /^dueDate: must be ms/],
])("a task with %j is refused", async (draft, words) => {
  const { task } = await openResearch();
  await expect(task(draft)).rejects.toEqual(isRefused("validation_error", words));
});

test("the captain may have a task; a retired agent may not", async () => {
  const { task, tasks, agent } = await openResearch();
  await agent("omega", { status: "retired" });
  expect((await task({ assignedTo: "Captain" })).assignedTo).toBe("captain");
  await expect(tasks.patch("T-001", { assignedTo: "omega" })).rejects.toEqual(
    isRefused("validation_error", /^assignedTo: omega is retired/),
  );
  expect((await tasks.patch("T-001", { assignedTo: null })).assignedTo).toBeNull();
});

test("whatever is asked for, a task only makes the moves there are, and completedAt is of the last end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...taskStatuses), { maxLength: 12 }), async (wanted) => {
      const { task, tasks, clock } = await openResearch();
      await task();
      let now: { status: TaskStatus; completedAt: number | null } = { status: "backlog", completedAt: null };
      for (const status of wanted) {
        clock.at += 1000;
        const move = tasks.patch("T-001", { status });
        if (status === now.status) await move;
        else if (taskMoves[now.status].includes(status)) {
          await move;
          now = { status, completedAt: status === "done" ? clock.at : null };
        } else await expect(move).rejects.toEqual(isRefused("validation_error", `is ${now.status} and may move to`));
      }
      expect(await tasks.get("T-001")).toMatchObject(now);
    }),
    { numRuns: 15 },
  );
});

test("lists are filtered by status, priority, assignee and experiment, and paged", async () => {
  const { tasks, task, labId, agent, create } = await openResearch();
  await create();
  const alpha = await agent("alpha");
  await task({ priority: "high", assignedTo: "alpha" });
  await task({ priority: "low", experimentId: "EXP-001" });
  await task({ priority: "high" });
  await tasks.patch("T-003", { status: "todo" });
  const ids = async (filter: object) =>
    (await tasks.list({ labId, limit: 50, ...filter })).rows.map(({ taskId }) => taskId);
  expect(await ids({})).toEqual(["T-003", "T-002", "T-001"]);
  expect(await ids({ status: "todo" })).toEqual(["T-003"]);
  expect(await ids({ priority: "high" })).toEqual(["T-003", "T-001"]);
  expect(await ids({ assignedTo: "alpha" })).toEqual(["T-001"]);
  expect(await ids({ assignedTo: alpha._id, priority: "low" })).toEqual([]);
  expect(await ids({ experimentId: "EXP-001" })).toEqual(["T-002"]);
  expect(await ids({ assignedTo: "nobody" })).toEqual([]);
  const first = await tasks.list({ labId, limit: 2 });
  expect(first).toMatchObject({ hasMore: true, nextCursor: first.rows[1]?._id });
  expect(await ids({ cursor: first.nextCursor })).toEqual(["T-001"]);
});

test("many are changed at once, or none with the reason of each", async () => {
  const { tasks, task, topics } = await openResearch();
  for (let n = 0; n < 3; n++) await task();
  await tasks.patch("T-002", { status: "in_progress" });
  const before = await topics("task");
  await expect(
    tasks.patchAll({ ids: ["T-001", "T-002", "T-009", "T-003"], changes: { status: "done" } }),
  ).rejects.toEqual(
    isRefused(
      "validation_error",
      /^ids\.0 \(T-001\): status: T-001 is backlog .*; ids\.2 \(T-009\): Task T-009 does not exist\.; ids\.3 \(T-003\)/,
    ),
  );
  expect((await tasks.get("T-002")).status).toBe("in_progress");
  expect(await topics("task")).toEqual(before);
  const done = await tasks.patchAll({ ids: ["T-001", "T-003", "t-001"], changes: { status: "todo", priority: "low" } });
  expect(done.map(({ taskId, status, priority }) => [taskId, status, priority])).toEqual([
    ["T-001", "todo", "low"],
    ["T-003", "todo", "low"],
  ]);
  const ids = Array.from({ length: 101 }, (_, index) => `T-${index}`);
  await expect(tasks.patchAll({ ids, changes: {} })).rejects.toEqual(isRefused("validation_error", /^ids: /));
});

test("an approval ends a task in review, a rejection sends it back, a concern leaves it there", async () => {
  const { tasks, task, topics, agent, told } = await openResearch();
  await agent("alpha");
  await task({ assignedTo: "alpha" });
  await tasks.patch("T-001", { status: "in_progress" });
  const early = await tasks.review("T-001", { verdict: "approve", summary: "fine so far" });
  expect(TaskReview.parse(early)).toEqual(early);
  expect((await tasks.get("T-001")).status).toBe("in_progress");
  await tasks.patch("T-001", { status: "review" });
  await tasks.review("T-001", { verdict: "concern", summary: "hm", findings: ["narrow prior"], model: "m-1" });
  expect((await tasks.get("T-001")).status).toBe("review");
  await tasks.review("T-001", { verdict: "reject", summary: "no" });
  expect((await tasks.get("T-001")).status).toBe("in_progress");
  await tasks.patch("T-001", { status: "review" });
  await tasks.review("T-001", { verdict: "approve", summary: "yes" });
  expect(await tasks.get("T-001")).toMatchObject({ status: "done", completedAt: 1_000_000 });
  expect(await topics("task")).toEqual([
    ...["created", "assigned", "updated", "review_completed", "review_requested", "review_completed"],
    ...["review_completed", "review_requested", "review_completed", "completed"],
  ]);
  expect((await told("agent")).at(-1)).toMatchObject({ topic: "agent.task_completed", name: "alpha", taskId: "T-001" });
  const { rows } = await tasks.reviews("T-001", { limit: 3 });
  expect(rows.map(({ verdict }) => verdict)).toEqual(["approve", "reject", "concern"]);
  expect(rows[2]).toMatchObject({ findings: ["narrow prior"], model: "m-1" });
  await tasks.patch("T-001", { title: "another" });
  expect((await topics("agent")).filter((topic) => topic === "task_completed")).toHaveLength(1);
});

test("a deleted task takes its reviews along", async () => {
  const { tasks, task, store } = await openResearch();
  await task();
  await tasks.review("T-001", { verdict: "concern", summary: "hm" });
  await tasks.remove("T-001");
  expect(await store.db.selectFrom("task_reviews").select("id").execute()).toEqual([]);
  await expect(tasks.reviews("T-001", { limit: 1 })).rejects.toEqual(isRefused("not_found", "T-001"));
});

test("a key of another lab sees none of it, and a live query reads only its own", async () => {
  const { tasks, task, labId } = await openResearch();
  const { _id } = await task();
  for (const ref of [_id, "T-001"]) {
    await expect(asKeyOf("another", "tasks:write", () => tasks.get(ref))).rejects.toEqual(
      isRefused("not_found", `Task ${ref} does not exist.`),
    );
  }
  await expect(
    asKeyOf("another", "tasks:write", () => tasks.patchAll({ ids: [_id], changes: { title: "mine" } })),
  ).rejects.toEqual(isRefused("validation_error", "does not exist"));
  expect((await asKeyOf(labId, "tasks:read", () => tasks.list({ labId, limit: 5 }))).reads).toEqual(
    new Set([`tasks:${labId}`]),
  );
  const made = await asKeyOf(labId, "tasks:write", () => tasks.create({ labId, title: "by a key" }));
  expect(made.value).toMatchObject({ taskId: "T-002", createdBy: "key ci" });
});
