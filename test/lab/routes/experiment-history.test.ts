import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Attempt, Checkpoint, Experiment, StatusChange } from "../../../src/contract/experiment.js";
import { outcome } from "../services/lab-fixture.js";
import { openRest } from "./rest-fixture.js";

/** EXP-001 has failed once; its run left a checkpoint. */
async function open() {
  const rest = await openRest();
  const { _id } = await rest.create();
  await rest.experiments.claim(_id, "pod");
  const dir = join(rest.dataDir, "run-1");
  mkdirSync(join(dir, "work", "checkpoints"), { recursive: true });
  const stage = { step: 40, total_steps: 100, step_name: "epoch 4", resumable: true };
  writeFileSync(join(dir, "work", "checkpoints", "epoch-4.json"), JSON.stringify(stage));
  const values = { experiment_id: _id, attempt: 1, dir, started_at: 1_000_000, ended_at: null, exit_code: null };
  await rest.store.change(({ tx }) =>
    tx
      .insertInto("runs")
      .values({ ...values, ...blank })
      .execute(),
  );
  rest.clock.at += 60_000;
  await rest.experiments.settle(_id, 1, outcome("fail"));
  const refusal = async (method: string, path: string, body?: unknown) => {
    const answer = await rest.json(method, path, body === undefined ? {} : { body });
    return `${answer.status} ${answer.body.error?.code} ${answer.body.error?.message}`;
  };
  return { ...rest, _id, refusal };
}
const blank = {
  state: "ended" as const,
  off: 0,
  seq: 0,
  reason: null,
  stop_requested_at: null,
  reader: null,
  pod_id: "pod",
};

const url = "/v1/experiments/EXP-001";

test("the history says who moved it, when and why; a move that the machine has not is refused with those it has", async () => {
  const { json, refusal } = await open();
  const { data } = (await json("GET", `${url}/statuses`)).body;
  expect(
    StatusChange.array()
      .parse(data)
      .map(({ from, status, attempt }) => [from, status, attempt]),
  ).toEqual([
    [null, "queued", 0],
    ["queued", "running", 1],
    ["running", "fail", 1],
  ]);
  expect(await refusal("POST", `${url}/statuses`, { status: "blocked" })).toMatch(
    /^422 validation_error status: .*queued/,
  );
  expect(await refusal("POST", `${url}/statuses`, { status: "done" })).toMatch(/^422 validation_error status: .*draft/);
  expect(await refusal("POST", `${url}/statuses`, {})).toMatch(/^422 validation_error status: /);
  const moved = await json("POST", `${url}/statuses`, { body: { status: "queued", message: "the disk was full" } });
  expect([moved.status, Experiment.parse(moved.body.data).status]).toEqual([200, "queued"]);
  const again = StatusChange.array().parse((await json("GET", `${url}/statuses`)).body.data);
  expect(again.at(-1)).toMatchObject({ status: "queued", message: "the disk was full", actor: "owner" });
  expect(await refusal("GET", "/v1/experiments/EXP-009/statuses")).toMatch(/^404 not_found/);
});

test("every attempt is listed, the newest first, with how it ended", async () => {
  const { json, experiments, _id } = await open();
  await json("POST", `${url}/restart`);
  await experiments.claim(_id, "other");
  const attempts = Attempt.array().parse((await json("GET", `${url}/attempts`)).body.data);
  expect(attempts.map(({ attempt, status, podId }) => [attempt, status, podId])).toEqual([
    [2, "running", "other"],
    [1, "fail", "pod"],
  ]);
  expect(attempts[1]).toMatchObject({ result: "exit code 1", actualSeconds: 60 });
});

test("it is resumed from the newest checkpoint or the named one, and only when it has failed", async () => {
  const { json, refusal } = await open();
  const [checkpoint] = Checkpoint.array().parse((await json("GET", `${url}/checkpoints`)).body.data);
  expect(checkpoint).toMatchObject({ id: "1/checkpoints/epoch-4.json", step: 40, progress: 0.4, stepName: "epoch 4" });
  expect(await refusal("POST", `${url}/resume`, { checkpoint: "1/../secret" })).toMatch(
    /^409 conflict checkpoint: EXP-001 has no/,
  );
  expect(await refusal("POST", `${url}/resume`, { from: "x" })).toMatch(/^422 validation_error from: unknown/);
  const resumed = await json("POST", `${url}/resume`, { body: { message: "once more" } });
  expect(Experiment.parse(resumed.body.data)).toMatchObject({ status: "queued", resumeFrom: checkpoint?.id });
  expect(await refusal("POST", `${url}/resume`, {})).toBe(
    "409 conflict EXP-001 is queued: only what failed can be resumed",
  );
});

test("what has no checkpoint can't be resumed, and the refusal says how a run keeps one", async () => {
  const { create, experiments, refusal } = await open();
  const { _id } = await create();
  await experiments.cancel(_id);
  expect(await refusal("POST", "/v1/experiments/EXP-002/resume", {})).toMatch(
    /^409 conflict EXP-002 has written no checkpoint.*restart/,
  );
});

test("a copy takes what is changed, and a child is listed with its parent", async () => {
  const { json, labId, refusal } = await open();
  const copy = await json("POST", `${url}/copy`, { body: { title: "again", config: { args: ["-v"] } } });
  expect(copy.status).toBe(201);
  expect(JSON.parse(Experiment.parse(copy.body.data).config)).toEqual({ command: "true", args: ["-v"] });
  const child = { labId, title: "next", config: { command: "true" }, parent: "EXP-001" };
  await json("POST", "/v1/experiments", { body: child });
  const children = Experiment.array().parse((await json("GET", `${url}/children`)).body.data);
  expect(children.map(({ experimentId, status }) => [experimentId, status])).toEqual([["EXP-003", "blocked"]]);
  expect(await refusal("POST", "/v1/experiments", { ...child, parent: "EXP-077" })).toBe(
    "422 validation_error parent: experiment EXP-077 does not exist",
  );
});
