import { describe, expect, it } from "vitest";
import { experimentFilter } from "../../src/app/selectors/experiment-filter.js";
import { compileFilter } from "../../src/app/selectors/filter.js";
import { experiment } from "./fixtures.js";

const rows = [
  experiment(1, { title: "MCMC chain, Planck", status: "running", computeMode: "H200", priority: "high" }),
  experiment(2, { title: "Fisher forecast", status: "queued", computeMode: "CPU", template: "fisher-forecast" }),
  experiment(3, { title: "test sweep", status: "fail", computeMode: "H100", result: "exit code 1" }),
  experiment(12, { title: "Planck test", status: "blocked", computeMode: "H200", statusReason: "waits for EXP-001" }),
];

function found(filter: string): string {
  const { matches } = compileFilter(filter, experimentFilter);
  return rows
    .filter(matches)
    .map(({ experimentId }) => Number(experimentId.slice(4)))
    .join(" ");
}

describe("filter grammar", () => {
  it.each([
    ["", "1 2 3 12"],
    ["planck", "1 12"],
    ["planck -test", "1"],
    ["status:running", "1"],
    ["status:running,queued", "1 2"],
    ["-status:fail", "1 2 12"],
    ["gpu:h200 -title:test", "1"],
    ["gpu:H200 title:TEST", "12"],
    ["priority:high", "1"],
    ["pri:high", "1"],
    ["id:12", "12"],
    ["id:exp-00", "1 2 3"],
    ["template:fisher", "2"],
    ["reason:waits", "12"],
    ['"chain, planck"', "1"],
    ['title:"planck test"', "12"],
    ['-title:"planck test" planck', "1"],
    ["EXP-003", "3"],
    ["status:", "1 2 3 12"],
    ["-", "1 2 3 12"],
  ])("%s finds %s", (filter, expected) => {
    expect(found(filter)).toBe(expected);
  });

  it("says what it does not understand and goes by the rest", () => {
    const { problems, matches } = compileFilter("colour:red planck", experimentFilter);
    expect(problems).toEqual([expect.stringContaining("no field colour:")]);
    expect(rows.filter(matches)).toHaveLength(2);
  });

  it("refuses a value that can't be instead of finding nothing", () => {
    expect(compileFilter("status:done", experimentFilter).problems).toEqual([
      "status: can't be done (draft, queued, running, pass, fail, blocked)",
    ]);
  });
});
