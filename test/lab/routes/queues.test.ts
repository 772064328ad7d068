import { expect, test } from "vitest";
import { BatchDetail } from "../../../src/contract/batch.js";
import { Queue } from "../../../src/contract/queue.js";
import { openRest } from "./rest-fixture.js";

async function open() {
  const rest = await openRest();
  const { labId } = rest;
  const refusal = async (method: string, path: string, body?: unknown) => {
    const answer = await rest.json(method, path, body === undefined ? {} : { body });
    return `${answer.status} ${answer.body.error?.code} ${answer.body.error?.message}`;
  };
  const make = async (more: object = {}) =>
    Queue.parse(
      (await rest.json("POST", "/v1/experiments/queues", { body: { labId, name: "chains", ...more } })).body.data,
    );
  const list = async () =>
    Queue.array().parse((await rest.json("GET", `/v1/experiments/queues?labId=${labId}`)).body.data);
  return { ...rest, refusal, make, list };
}

test("a queue is made, ordered, paused and deleted; what waits in it goes on in `default`", async () => {
  const { json, make, list, labId } = await open();
  const queue = await make({ concurrency: 2 });
  expect(queue).toMatchObject({ name: "chains", status: "running", concurrency: 2, place: 1 });
  const path = `/v1/experiments/queues/${queue._id}`;
  const paused = await json("PATCH", path, { body: { status: "paused", place: 0, concurrency: null } });
  expect(paused.body.data).toMatchObject({ status: "paused", place: 0, concurrency: null });
  expect((await list()).map(({ name }) => name)).toEqual(["chains", "default"]);
  const experiment = { labId, title: "one", config: { command: "true" }, queue: "chains" };
  expect((await json("POST", "/v1/experiments", { body: experiment })).body.data).toMatchObject({ queue: "chains" });
  expect((await json("GET", path)).body.data).toMatchObject({ counts: { queued: 1 } });
  expect((await json("DELETE", path)).status).toBe(200);
  expect((await json("GET", "/v1/experiments/EXP-001")).body.data).toMatchObject({ queue: "default", queueId: null });
  expect((await json("GET", path)).status).toBe(404);
});

test("what is refused of queues says why", async () => {
  const { make, refusal, labId } = await open();
  const { _id } = await make();
  const queues = "/v1/experiments/queues";
  expect(await refusal("POST", queues, { labId, name: "chains" })).toMatch(/^409 conflict name: chains is taken/);
  expect(await refusal("POST", queues, { labId, name: "Two words" })).toMatch(/^422 validation_error name: /);
  expect(await refusal("POST", queues, { labId, name: "x", concurrency: 0 })).toMatch(
    /^422 validation_error concurrency: /,
  );
  expect(await refusal("PATCH", `${queues}/${_id}`, { staus: "paused" })).toMatch(
    /^422 validation_error staus: unknown/,
  );
  expect(await refusal("PATCH", `${queues}/${_id}`, { status: "stopped" })).toMatch(/^422 .*running, paused/);
  expect(await refusal("DELETE", `${queues}/default`)).toMatch(/^409 conflict queue: every lab has its default/);
  const experiment = { labId, title: "one", config: { command: "true" }, queue: "chain" };
  expect(await refusal("POST", "/v1/experiments", experiment)).toBe(
    "422 validation_error queue: no queue chain; this lab has default, chains",
  );
});

const draft = (labId: string) => ({
  labId,
  title: "Sweep",
  config: { command: "true" },
  grid: { "config.seed": [1, 2, 3] },
});

test("a batch is made, read, cancelled and deleted with what it made", async () => {
  const { json, labId } = await open();
  const made = await json("POST", "/v1/experiments/batches", { body: draft(labId) });
  expect(made.status).toBe(201);
  const batch = BatchDetail.parse(made.body.data);
  expect(batch.rows.map(({ experimentId, values }) => [experimentId, values["config.seed"]])).toEqual([
    ["EXP-001", 1],
    ["EXP-002", 2],
    ["EXP-003", 3],
  ]);
  const path = `/v1/experiments/batches/${batch._id}`;
  expect((await json("GET", path)).body.data).toEqual(made.body.data);
  expect((await json("GET", `/v1/experiments/batches?labId=${labId}`)).body.data).toMatchObject([{ _id: batch._id }]);
  expect((await json("POST", `${path}/cancel`)).body.data).toEqual({ id: batch._id, cancelled: 3 });
  expect((await json("DELETE", `${path}?experiments=delete`)).body.data).toEqual({ id: batch._id, deleted: 3 });
  expect((await json("GET", "/v1/experiments/EXP-001")).status).toBe(404);
});

test("a batch that could not run makes nothing", async () => {
  const { json, refusal, labId } = await open();
  const path = "/v1/experiments/batches";
  expect(await refusal("POST", path, { ...draft(labId), grid: {} })).toMatch(/^422 validation_error grid: /);
  const wide = Array.from({ length: 1001 }, (_, seed) => seed);
  expect(await refusal("POST", path, { ...draft(labId), grid: { seed: wide } })).toBe(
    "422 validation_error grid: makes 1001 experiments; a batch has at most 1000",
  );
  expect(await refusal("POST", path, { ...draft(labId), dependsOn: ["EXP-404"] })).toBe(
    "422 validation_error config.dependsOn: experiment EXP-404 does not exist",
  );
  expect(await refusal("POST", path, { ...draft(labId), grid: { slots: [1, 0] } })).toMatch(
    /^422 validation_error config.slots: /,
  );
  expect((await json("POST", path, { body: draft(labId), token: "foreign" })).status).toBe(404);
  expect((await json("GET", `/v1/experiments?labId=${labId}`)).body.data).toEqual([]);
});
