import { expect, test } from "vitest";
import type { Task, TaskReview } from "../../../src/contract/task.js";
import { openRest } from "./rest-fixture.js";

test("a task's life over REST: made, worked on, reviewed, done, deleted", async () => {
  const { json, labId } = await openRest();
  const made = await json("POST", "/v1/tasks", { body: { labId, title: "Check the priors", priority: "urgent" } });
  expect([made.status, (made.body.data as Task).taskId]).toEqual([201, "T-001"]);
  for (const status of ["in_progress", "review"]) {
    expect((await json("PATCH", "/v1/tasks/T-001", { body: { status } })).body.data).toMatchObject({ status });
  }
  const body = { verdict: "approve", summary: "Sound", findings: ["one"], model: "m-1" };
  const review = await json("POST", "/v1/tasks/t-001/reviews", { body });
  expect([review.status, review.body.data]).toEqual([201, expect.objectContaining({ ...body, reviewer: "owner" })]);
  expect((await json("GET", "/v1/tasks/T-001")).body.data).toMatchObject({ status: "done", createdBy: "owner" });
  const reviews = await json("GET", "/v1/tasks/T-001/reviews");
  expect((reviews.body.data as TaskReview[]).map(({ verdict }) => verdict)).toEqual(["approve"]);
  const deleted = await json("DELETE", "/v1/tasks/T-001");
  expect(deleted.body.data).toEqual({ id: (made.body.data as Task)._id, taskId: "T-001", deleted: true });
  expect((await json("GET", "/v1/tasks/T-001")).body.error).toMatchObject({ code: "not_found", status: 404 });
});

test("pages follow the cursor; a page has 50 unless told otherwise, and never more than 100", async () => {
  const { json, labId, services } = await openRest();
  for (let n = 0; n < 53; n++) await services.tasks.create({ labId, title: `task ${n}` });
  const first = await json("GET", `/v1/tasks?labId=${labId}`);
  expect((first.body.data as Task[]).length).toBe(50);
  expect(first.body.meta).toMatchObject({ has_more: true, next_cursor: (first.body.data as Task[]).at(-1)?._id });
  const rest = await json("GET", `/v1/tasks?labId=${labId}&cursor=${String(first.body.meta?.["next_cursor"])}`);
  expect((rest.body.data as Task[]).map(({ taskId }) => taskId)).toEqual(["T-003", "T-002", "T-001"]);
  expect(rest.body.meta).toMatchObject({ has_more: false, next_cursor: null });
  for (const query of ["limit=101", "limit=0", "cursor=nothing", "status=doing", "colour=red"]) {
    const refused = await json("GET", `/v1/tasks?labId=${labId}&${query}`);
    expect(refused.body.error).toMatchObject({ code: "validation_error", status: 422 });
    expect(refused.body.error?.message).toMatch(new RegExp(`\\b${query.split("=")[0] ?? ""}\\b`));
  }
});

test("unknown fields are refused by name, in a bulk update too", async () => {
  const { json, labId } = await openRest();
  const refusals = [
    await json("POST", "/v1/tasks", { body: { labId, title: "x", colour: "red" } }),
    await json("POST", "/v1/tasks/bulk-update", { body: { ids: ["T-001"], changes: { colour: "red" } } }),
  ];
  for (const { status, body } of refusals) {
    expect(status).toBe(422);
    expect(body.error?.message).toContain("colour");
  }
});

test("two people do not overwrite each other's edit", async () => {
  const { json, labId, services } = await openRest();
  await services.tasks.create({ labId, title: "x" });
  const etag = (await json("GET", "/v1/tasks/T-001")).headers.get("etag") ?? "";
  const headers = { "if-match": etag };
  expect((await json("PATCH", "/v1/tasks/T-001", { headers, body: { title: "mine" } })).status).toBe(200);
  expect((await json("PATCH", "/v1/tasks/T-001", { headers, body: { title: "yours" } })).status).toBe(412);
  expect((await services.tasks.get("T-001")).title).toBe("mine");
});
