import { expect, test } from "vitest";
import { Experiment } from "../../../src/contract/experiment.js";
import { Lab, Template } from "../../../src/contract/lab.js";
import { MetricSeries } from "../../../src/contract/metrics.js";
import { Pod, TelemetrySample } from "../../../src/contract/pod.js";
import { openRest } from "./rest-fixture.js";

const draft = (labId: string) => ({
  labId,
  title: "MCMC Chain, Planck 2018 + BAO",
  experimentId: "EXP-054",
  computeMode: "H200",
  config: { script: "run_cobaya.py", batch_size: 1, env: { COBAYA_PACKAGES: "/workspace/packages" } },
  priority: "high",
  estimatedSeconds: 7200,
});

test("the seed's own example is created, read by both ids, patched, cancelled and deleted", async () => {
  const { json, labId } = await openRest();
  const created = await json("POST", "/v1/experiments", { body: draft(labId) });
  expect(created.status).toBe(201);
  const experiment = Experiment.parse(created.body.data);
  expect(experiment).toMatchObject({
    experimentId: "EXP-054",
    status: "queued",
    priority: "high",
    computeMode: "H200",
  });
  expect(JSON.parse(experiment.config)).toEqual(draft(labId).config);
  for (const id of ["EXP-054", experiment._id]) {
    expect((await json("GET", `/v1/experiments/${id}`)).body.data).toEqual(experiment);
  }
  const patched = await json("PATCH", "/v1/experiments/EXP-054", { body: { status: "queued", priority: "critical" } });
  expect([patched.status, patched.body.data]).toEqual([200, expect.objectContaining({ priority: "critical" })]);
  const cancelled = await json("POST", "/v1/experiments/EXP-054/cancel");
  expect(cancelled.body.data).toMatchObject({ status: "fail", result: "cancelled before it started" });
  expect((await json("POST", "/v1/experiments/EXP-054/restart")).body.data).toMatchObject({ status: "queued" });
  const deleted = await json("DELETE", "/v1/experiments/EXP-054");
  expect(deleted.body.data).toEqual({ id: experiment._id, experimentId: "EXP-054", deleted: true });
  const gone = await json("GET", "/v1/experiments/EXP-054");
  expect(gone.body.error).toEqual({ code: "not_found", message: "Experiment EXP-054 does not exist.", status: 404 });
});

test.each([
  [{ title: undefined }, /^title: /],
  [{ priority: "urgent" }, /^priority: .*critical/],
  [{ config: "not an object" }, /^config: /],
  [{ template: "mcmcc" }, /mcmc/],
  [{ experimentId: "one" }, /^experimentId: must look like EXP-054/],
])("a draft with %j is a 422 that names the field", async (change, message) => {
  const { json, labId } = await openRest();
  const { status, body } = await json("POST", "/v1/experiments", { body: { ...draft(labId), ...change } });
  expect([status, body.error?.code]).toEqual([422, "validation_error"]);
  expect(body.error?.message).toMatch(message);
});

test.each(["", "?labId=dark-energy&limit=101", "?labId=dark-energy&status=done"])("list%s is a 422", async (query) => {
  const { json } = await openRest();
  const { status, body } = await json("GET", `/v1/experiments${query}`);
  expect([status, body.error?.code]).toEqual([422, "validation_error"]);
  expect(body.error?.message).toMatch(/^(labId|limit|status): /);
});

test("pages follow their cursor to the end", async () => {
  const { json, create } = await openRest();
  for (let n = 0; n < 5; n++) await create();
  const seen: string[] = [];
  let path: string | null = "/v1/experiments?labId=dark-energy&limit=2";
  while (path !== null) {
    const { body } = await json("GET", path);
    seen.push(
      ...Experiment.array()
        .parse(body.data)
        .map(({ experimentId }) => experimentId),
    );
    const { next_cursor: cursor, has_more: more } = body.meta ?? {};
    expect(more).toBe(cursor !== null);
    path = cursor === null ? null : `/v1/experiments?labId=dark-energy&limit=2&cursor=${cursor as string}`;
  }
  expect(seen).toEqual(["EXP-005", "EXP-004", "EXP-003", "EXP-002", "EXP-001"]);
});

test("labs, templates, metrics, pods and telemetry answer in their contract", async () => {
  const { json, create, labId } = await openRest();
  await create();
  const data = async (path: string) => (await json("GET", path)).body.data;
  expect(Lab.array().parse(await data("/v1/labs"))).toHaveLength(1);
  expect(Lab.parse(await data("/v1/labs/dark-energy")).id).toBe(labId);
  expect(Template.array().parse(await data(`/v1/experiments/templates?labId=${labId}`))).toHaveLength(2);
  expect(MetricSeries.parse(await data("/v1/experiments/EXP-001/metrics")).targets.rminus1).toBe(0.01);
  expect(Pod.array().parse(await data(`/v1/pods?labId=${labId}`))).toHaveLength(2);
  expect(Pod.array().parse(await data(`/v1/pods?labId=${labId}&status=stopped`))).toHaveLength(1);
  expect(Pod.parse(await data("/v1/pods/podaaa")).name).toBe("this-machine");
  expect((await json("POST", "/v1/pods/podaaa/stop")).body.data).toMatchObject({ acceptsWork: false });
  expect((await json("POST", "/v1/pods/podaaa/start")).body.data).toMatchObject({ acceptsWork: true });
  expect((await json("GET", "/v1/pods/podzzz")).status).toBe(404);
  expect(TelemetrySample.array().parse(await data(`/v1/telemetry?labId=${labId}&since=41`))[0]?.at).toBe(42);
  expect((await json("GET", "/v1/labs/none")).status).toBe(404);
});
