import { expect, test } from "vitest";
import { mergeConfig, runConfig } from "../../../src/lab/services/experiment-config.js";
import { templates } from "./lab-fixture.js";

test("an experiment's own config wins over its template's; objects merge, lists do not", () => {
  const own = JSON.stringify({ qc: { metrics: { rminus1: { max: 0.05 } } }, args: ["--chains", "2"], seed: 7 });
  expect(runConfig({ config: own, template: "mcmc" }, templates)).toEqual({
    command: "run-mcmc",
    qc: { metrics: { rminus1: { max: 0.05 } } },
    args: ["--chains", "2"],
    seed: 7,
  });
  expect(runConfig({ config: '{"command":"true"}', template: null }, templates)).toEqual({ command: "true" });
});

test("merging leaves the template as it was", () => {
  const defaults = { env: { A: "1" } };
  expect(mergeConfig(defaults, { env: { B: "2" } })).toEqual({ env: { A: "1", B: "2" } });
  expect(defaults).toEqual({ env: { A: "1" } });
});
