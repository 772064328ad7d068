import { describe, expect, it } from "vitest";
import { costsText } from "../../../src/cli/commands/costs.js";
import { readChanges } from "../../../src/cli/commands/settings.js";
import type { Costs } from "../../../src/contract/cost.js";
import { LabSettings } from "../../../src/contract/settings.js";
import { unknownCosts } from "../../app/fixtures.js";

const nothing: Costs = { ...unknownCosts, estimated: false };

describe("costs", () => {
  it("says of nothing that it is unknown, not that it is $0", () => {
    expect(costsText(nothing)).toBe(
      [
        "burn now       –, 0 pods",
        "today          –",
        "2026-11        –, no budget",
        "projected      –",
        "idle waste     – today, – this month",
        "stopped disks  –",
        "balance        –",
      ].join("\n"),
    );
  });

  it("holds the month against its budget, with ~ before what is not billed", () => {
    const row = { todayUsd: 1.5, gpuHours: 2, idleUsd: null, diskUsd: 0 };
    const text = costsText({
      ...nothing,
      summary: { ...nothing.summary, totalUsd: 512.3, liveRunning: { podCount: 1, hourlyUsd: 3.59, costUsd: 7 } },
      todayUsd: 42.31,
      idleTodayUsd: 1,
      idleMonthUsd: 80.1,
      stoppedDiskHourlyUsd: 0.027,
      projectedMonthUsd: 1432,
      estimated: true,
      billedUntil: Date.UTC(2026, 10, 22, 4),
      budget: {
        state: "over",
        monthlyUsd: 400,
        warnUsd: 300,
        hardLimitUsd: 500,
        queuePaused: "paused: budget of $500 used up ($512.30 this month)",
      },
      balance: { usd: 35.9, runwayHours: 10, reason: null },
      pods: [{ ...row, id: "a", name: "neowise", monthUsd: 500, estimated: true }],
      experiments: [{ ...row, id: "b", name: "EXP-054", monthUsd: 12, diskUsd: null, estimated: false }],
    });
    expect(text).toBe(
      [
        "burn now       $3.59/h, 1 pod",
        "today          ~$42.31",
        "2026-11        ~$512.30 of $400.00 (128 %), the queue pauses at $500.00, used up",
        "projected      ~$1,432.00",
        "idle waste     ~$1.00 today, ~$80.10 this month",
        "stopped disks  $0.03/h",
        "balance        $35.90, lasts 10 h",
        "queue          paused: budget of $500 used up ($512.30 this month)",
        "billed until   2026-11-22T04:00",
        "",
        "POD      TODAY   MONTH     GPU-H  IDLE  DISK",
        "neowise  ~$1.50  ~$500.00  2.0    –     ~$0.00",
        "",
        "EXPERIMENT  TODAY  MONTH   GPU-H  IDLE  DISK",
        "EXP-054     $1.50  $12.00  2.0    –     –",
      ].join("\n"),
    );
  });

  it("says why the balance is unknown", () => {
    expect(costsText({ ...nothing, balance: { ...nothing.balance, reason: "the key may not read it" } })).toContain(
      "balance        – (the key may not read it)",
    );
  });
});

describe("settings", () => {
  const known = LabSettings.parse({});

  it("are read as numbers, words for yes and no, and none", () => {
    expect(
      readChanges(
        ["budgetMonthlyUsd=$500", "autoStopIdleHours=none", "autoScheduleEnabled=yes", "idleAlertMinutes=20"],
        known,
      ),
    ).toEqual({ budgetMonthlyUsd: 500, autoStopIdleHours: null, autoScheduleEnabled: true, idleAlertMinutes: 20 });
  });

  it.each([
    ["budgetMontlyUsd=5", "there is no setting budgetMontlyUsd", "did you mean budgetMonthlyUsd?"],
    ["idleAlertMinutes", "idleAlertMinutes without a value", "write idleAlertMinutes=VALUE"],
    ["idleAlertMinutes=", "idleAlertMinutes: nothing is no value", "write a number, yes, no or none"],
    ["idleAlertMinutes=soon", "idleAlertMinutes: soon is no value", "write a number, yes, no or none"],
  ])("%s is refused with what to do", (text, message, hint) => {
    const read = () => readChanges([text], known);
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ failure: { kind: "invalid", message, hint } }));
  });
});
