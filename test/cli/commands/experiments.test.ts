import { describe, expect, it } from "vitest";
import { FailureError } from "../../../src/core/failure.js";
import { experiment, nowMs } from "../../app/fixtures.js";
import { page, runCommand } from "../lab-world.js";

const row = experiment(54, { title: "planck", labId: "lab1", status: "fail", logLines: 12 });
const made = { "experiments.create": (draft: object) => ({ ...row, ...draft, status: "queued" }) };
const template = { "templates.get": { title: "A chain", computeMode: "H200" } };

describe("experiments create", () => {
  it("sends what its options say, config and parameters merged", async () => {
    const words =
      "--title t --priority high --queue nightly --parent EXP-001 --depends-on EXP-002,EXP-003 --depends-on EXP-004";
    const numbers =
      "--retry 3 --max-seconds 3600 --estimated-seconds 60 --draft --param seed=7 --param name=abc --param on=true";
    const line = [
      "experiments",
      "create",
      ...words.split(" "),
      ...numbers.split(" "),
      "--config",
      '{"seed":1,"b":[1]}',
    ];
    const { call, text } = await runCommand(line, { answers: made });
    expect(call).toEqual([
      "experiments.create",
      {
        labId: "lab1",
        title: "t",
        priority: "high",
        queue: "nightly",
        parent: "EXP-001",
        dependsOn: ["EXP-002", "EXP-003", "EXP-004"],
        draft: true,
        estimatedSeconds: 60,
        config: { seed: 7, b: [1], name: "abc", on: true, retry: { maxAttempts: 3 }, maxSeconds: 3600 },
      },
    ]);
    expect(text).toBe("EXP-054 queued: t");
  });

  it("takes title and compute from the template; one that is not there is for the lab to refuse", async () => {
    const { calls } = await runCommand(["experiments", "create", "--template", "mcmc"], {
      answers: { ...made, ...template },
    });
    expect(calls[1]).toEqual([
      "experiments.create",
      { labId: "lab1", template: "mcmc", title: "A chain", computeMode: "H200" },
    ]);
    const missing = { "templates.get": new FailureError({ kind: "notFound", message: "no" }) };
    const { calls: other } = await runCommand(["experiments", "create", "--template", "mcmmc"], {
      answers: { ...made, ...missing },
    });
    expect(other[1]).toEqual(["experiments.create", { labId: "lab1", template: "mcmmc", title: "mcmmc" }]);
    await expect(runCommand(["experiments", "create"])).rejects.toThrow("no title");
  });

  it.each([
    [["--param", "seed"], /seed=1/],
    [["--retry", "0"], /whole number above 0/],
    [["--max-seconds", "soon"], /number above 0/],
    [["--config", "[1]"], /JSON object/],
  ])("%j is refused", async (options, message) => {
    await expect(runCommand(["experiments", "create", "--title", "t", ...options])).rejects.toThrow(message);
  });
});

describe("acts on one experiment", () => {
  const answers = {
    "experiments.get": row,
    "experiments.delete": undefined,
    "experiments.patch": row,
    "experiments.resume": { ...row, status: "queued" },
  };

  it("deletes only for its typed id, or --yes", async () => {
    const no = runCommand(["experiments", "delete", "EXP-054"], { answers, typed: "EXP-05" });
    await expect(no).rejects.toThrow("nothing was done");
    await expect(runCommand(["experiments", "delete", "EXP-054"], { answers })).rejects.toThrow(/Nobody can be asked/);
    const { calls, err, text } = await runCommand(["experiments", "delete", "EXP-054"], { answers, typed: "EXP-054" });
    expect(calls).toEqual([["experiments.get", "EXP-054"], ["experiments.delete", "x54"], ["close"]]);
    expect(err.join("\n")).toContain("12 lines of log");
    expect(text).toBe("EXP-054 is deleted");
    const { asked } = await runCommand(["experiments", "delete", "EXP-054", "--yes"], { answers });
    expect(asked).toEqual([]);
  });

  it("resumes from the checkpoint that is named", async () => {
    const { calls } = await runCommand(["experiments", "resume", "EXP-054", "--checkpoint", "1/checkpoints/a.json"], {
      answers,
    });
    expect(calls[1]).toEqual(["experiments.resume", "x54", "1/checkpoints/a.json"]);
  });

  it("sets what is given, and nothing else", async () => {
    const { calls } = await runCommand(["experiments", "set", "x", "--status", "queued", "--message", "go"], {
      answers,
    });
    expect(calls[1]).toEqual(["experiments.patch", "x54", { status: "queued", message: "go" }]);
    await expect(runCommand(["experiments", "set", "x"])).rejects.toThrow("nothing to change");
  });
});

describe("experiments qc", () => {
  const report = {
    attempt: 2,
    verdict: "fail",
    score: 40,
    override: null,
    checks: [
      { name: "R-1", gate: "convergence", ok: false, value: 0.2, bound: "≤ 0.01", reason: "0.2 is above 0.01" },
      { name: "seeds", gate: "reproducibility", ok: false, severity: "warning", reason: "none" },
    ],
  };
  const answers = { "experiments.get": row, "qc.get": report, "qc.override": report, "qc.rerun": report };

  it("shows each check with value, bound and reason", async () => {
    const { text } = await runCommand(["experiments", "qc", "EXP-054"], { answers });
    expect(text.split("\n")).toEqual([
      "EXP-054 attempt 2: fail, score 40",
      "",
      "CHECK  GATE             OK       VALUE  BOUND   REASON",
      "R-1    convergence      failed   0.2    ≤ 0.01  0.2 is above 0.01",
      "seeds  reproducibility  warning  –      –       none",
    ]);
  });

  it("decides otherwise with a note, or judges again", async () => {
    const override = await runCommand(["experiments", "qc", "x", "--override", "pass", "--note", "seen"], { answers });
    expect(override.calls[1]).toEqual(["qc.override", "x54", { verdict: "pass", note: "seen" }]);
    const rerun = await runCommand(["experiments", "qc", "x", "--rerun", "--clear-override"], { answers });
    expect(rerun.calls[1]).toEqual(["qc.rerun", "x54", { clearOverride: true }]);
  });

  it.each([
    [["--override", "pass"], "--override without --note"],
    [["--note", "n"], "--note without --override"],
    [["--override", "pass", "--note", "n", "--rerun"], "--override with --rerun"],
    [["--clear-override"], "--clear-override alone"],
    [["--rerun", "--attempt", "1"], "--attempt"],
  ])("%j is refused before anything is asked", async (options, message) => {
    await expect(runCommand(["experiments", "qc", "x", ...options])).rejects.toThrow(message);
  });
});

describe("its history", () => {
  it("says who did what and why", async () => {
    const change = { at: nowMs, attempt: 1, actor: "key ci", reason: null, message: null };
    const rows = [
      { ...change, from: null, status: "queued", attempt: 0 },
      { ...change, from: "queued", status: "blocked", reason: "waits", message: "a\nb\u001b[31m" },
    ];
    const answers = { "experiments.get": row, "experiments.statuses": page(rows) };
    const { text } = await runCommand(["experiments", "statuses", "EXP-054"], { answers });
    expect(text.split("\n")).toEqual([
      "AT                   FROM    TO       ATTEMPT  WHO     WHY",
      "2026-11-21 09:41:00  –       queued   0        key ci",
      "2026-11-21 09:41:00  queued  blocked  1        key ci  waits: a b [31m",
    ]);
  });

  it("says that there is nothing yet", async () => {
    const answers = { "experiments.get": row, "experiments.attempts": page([]) };
    expect((await runCommand(["experiments", "attempts", "EXP-054"], { answers })).text).toContain("not been started");
  });
});

it("get says what is known in words, and everything as JSON", async () => {
  const answers = { "experiments.get": { ...row, costUsd: 1, costEstimated: true, projectedCostUsd: 2, exitCode: 3 } };
  const { text } = await runCommand(["experiments", "get", "EXP-054"], { answers });
  expect(text).toContain("cost      ~$1.00, ~$2.00 in all");
  expect(text).toContain("started   –");
  const json = await runCommand(["experiments", "get", "EXP-054", "--json"], { answers });
  expect(JSON.parse(json.text)).toEqual(answers["experiments.get"]);
});
