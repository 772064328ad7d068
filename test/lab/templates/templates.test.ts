import { expect, test } from "vitest";
import { ExperimentConfig } from "../../../src/contract/experiment.js";
import { Template } from "../../../src/contract/lab.js";
import { programs, templates } from "../../../src/lab/templates/index.js";
import { simulatedBench } from "./simulated-bench.js";

test("the lab offers three templates", () => {
  expect(templates.map(({ name }) => name)).toEqual(["mcmc", "fisher-forecast", "anomaly-sweep"]);
});

test.each(programs.map((program) => [program.template.name, program] as const))(
  "%s, as it ships, makes its outputs, passes its own quality bounds, and takes about as long as it says",
  async (_, { template, run }) => {
    expect(Template.parse(template)).toEqual(template);
    const { outputs = [], qc } = ExperimentConfig.parse(template.config);
    const bench = simulatedBench();
    expect(await run(template.config, bench)).toBe(0);

    expect(outputs.length).toBeGreaterThan(0);
    for (const output of outputs) expect([...bench.files.keys()]).toContain(output);
    const metrics = JSON.parse(bench.files.get("metrics.json")!) as Record<string, number>;
    const bounds = Object.entries(qc?.metrics ?? {});
    expect(bounds.length).toBeGreaterThan(0);
    for (const [name, { min = -Infinity, max = Infinity }] of bounds) {
      expect(metrics[name], name).toBeGreaterThanOrEqual(min);
      expect(metrics[name], name).toBeLessThanOrEqual(max);
    }
    const seconds = bench.lines.at(-1)!.at / 1000;
    expect(seconds / template.estimatedSeconds!).toBeGreaterThan(0.85);
    expect(seconds / template.estimatedSeconds!).toBeLessThan(1.15);
  },
);
