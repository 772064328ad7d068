import { expect, test } from "vitest";
import type { LabSettingsPatch } from "../../../src/contract/settings.js";
import { createSettings } from "../../../src/lab/services/settings.js";
import { openLab } from "./lab-fixture.js";

async function open() {
  const { store, labId } = await openLab();
  const settings = createSettings(store);
  return { store, labId, settings };
}

test("what was never set has its default; null takes a limit away", async () => {
  const { settings, labId } = await open();
  expect(await settings.get(labId)).toEqual({
    idleAlertMinutes: 15,
    autoStopIdleHours: 6,
    autoStopForeignPods: false,
    autoScheduleEnabled: false,
    budgetMonthlyUsd: null,
    budgetWarnPercent: 80,
    budgetHardLimitUsd: null,
    logRetentionDays: null,
    logRetentionGb: null,
  });
  await settings.patch(labId, { budgetMonthlyUsd: 500, budgetHardLimitUsd: 600 });
  await settings.patch(labId, { idleAlertMinutes: 20, budgetHardLimitUsd: null });
  expect(await settings.get(labId)).toMatchObject({
    idleAlertMinutes: 20,
    budgetMonthlyUsd: 500,
    budgetHardLimitUsd: null,
  });
});

test.each([
  [{ budgetHardLimitUsd: 499.99 }, "the hard limit ($499.99) is below the budget ($500)"],
  [{ budgetMonthlyUsd: 700 }, "the hard limit ($600) is below the budget ($700)"],
  [{ autoStopIdleHours: 0.1 }, "a pod would be stopped (after 0.1 h) before its alert (after 15 min)"],
  [{ budgetMonthlyUsd: -1 }, "budgetMonthlyUsd"],
  [{ budgetWarnPercent: 101 }, "budgetWarnPercent"],
  [{ idleAlertMinutes: 0 }, "idleAlertMinutes"],
  [{ colour: "red" }, "colour"],
])("%j is refused, and nothing changes", async (changes, words) => {
  const { settings, labId } = await open();
  const before = await settings.patch(labId, { budgetMonthlyUsd: 500, budgetHardLimitUsd: 600 });
  await expect(async () => settings.patch(labId, changes as LabSettingsPatch)).rejects.toThrow(words);
  expect(await settings.get(labId)).toEqual(before);
});

test("a change is told", async () => {
  const { settings, labId, store } = await open();
  const heard = new Set<string>();
  store.onChange((topics) => topics.forEach((topic) => heard.add(topic)));
  await settings.patch(labId, { autoScheduleEnabled: true });
  expect([...heard].sort()).toEqual(
    [`activity:${labId}`, "costs", "events", "labs", "pods", "settings", `settings:${labId}`].sort(),
  );
  const event = await store.db.selectFrom("events").selectAll().orderBy("seq", "desc").executeTakeFirstOrThrow();
  expect([event.topic, event.ref, event.payload]).toEqual([
    "lab.settings",
    labId,
    `{"labId":"${labId}","autoScheduleEnabled":true}`,
  ]);
});
