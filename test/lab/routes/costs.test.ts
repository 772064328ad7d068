import { expect, test } from "vitest";
import { Costs, PodCosts } from "../../../src/contract/cost.js";
import { LabSettings } from "../../../src/contract/settings.js";
import { openRest } from "./rest-fixture.js";

test("costs have the seed's keys, under the lab's id or slug", async () => {
  const { json } = await openRest();
  const { status, body } = await json("GET", "/v1/costs?labId=dark-energy");
  expect(status).toBe(200);
  const costs = Costs.parse(body.data);
  expect(Object.keys(costs.summary)).toEqual([
    "month",
    "gpuUsd",
    "llmUsd",
    "storageUsd",
    "totalUsd",
    "gpuHours",
    "budgetUsd",
    "liveRunning",
  ]);
  expect(costs.experiments).toEqual([]);
});

test("costs of pods and of experiments are no pod and no experiment", async () => {
  const { json, labId } = await openRest();
  const pods = await json("GET", `/v1/pods/costs?labId=${labId}&month=1970-01`);
  expect(PodCosts.parse(pods.body.data)).toMatchObject({ month: "1970-01", pods: [], totalUsd: null });
  expect((await json("GET", `/v1/pods/costs?labId=${labId}&month=current`)).status).toBe(200);
  expect((await json("GET", `/v1/experiments/costs?labId=${labId}`)).body.data).toEqual([]);
});

test.each([
  ["/v1/costs", 422],
  ["/v1/costs?labId=none", 404],
  ["/v1/pods/costs?labId=dark-energy&month=2026-13", 422],
  ["/v1/pods/costs?labId=none", 404],
  ["/v1/experiments/costs?labId=dark-energy&experimentId=EXP-404", 404],
  ["/v1/labs/none/settings", 404],
])("%s is a %i", async (path, status) => {
  const { json } = await openRest();
  expect((await json("GET", path)).status).toBe(status);
});

test("settings are read and changed by slug; a contradiction is a 422 in words", async () => {
  const { json } = await openRest();
  const path = "/v1/labs/dark-energy/settings";
  const changed = await json("PATCH", path, { body: { budgetMonthlyUsd: 500 } });
  expect(LabSettings.parse(changed.body.data)).toMatchObject({ budgetMonthlyUsd: 500, idleAlertMinutes: 15 });
  expect((await json("GET", path)).body.data).toEqual(changed.body.data);
  const refused = await json("PATCH", path, { body: { budgetHardLimitUsd: 100 } });
  expect([refused.status, refused.body.error?.message]).toEqual([
    422,
    "budgetHardLimitUsd: the hard limit ($100) is below the budget ($500); raise it or lower the budget",
  ]);
  expect((await json("PATCH", path, { body: { budget: 1 } })).status).toBe(422);
});
